/** Further threads for the kernels, where the host has such. */
export interface KernelThreads {
  /** The number of threads, the caller's included, when `wanted` are requested (0: chosen from the machine). */
  count(wanted: number): number;
  /**
   * Starts a thread that runs the kernels' `work(plan, thread)`.
   * @returns when it is about to run; a function that waits for its end after `end(plan)`
   */
  start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    plan: number,
    thread: number,
  ): Promise<() => Promise<void>>;
}
