/** Further threads for the kernels, where the host has such. */
export interface KernelThreads {
  /** How many threads there should be in all when `wanted` (0: chosen from the machine) are asked for. */
  count(wanted: number): number;
  /**
   * Starts a thread that runs the kernels' `work(plan, thread)`.
   * @returns when it is about to run, with a function that waits for its end after `end(plan)`.
   */
  start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    plan: number,
    thread: number,
  ): Promise<() => Promise<void>>;
}
