import { BackendUnavailableError } from "../../errors";
import { openDevice } from "./device";
import type { GpuHost, GpuLoader } from "./gpuHost";

/** A task on the GPU that may never end once the device is gone. */
type GpuTask<T> = () => Promise<T>;

/**
 * ONNX Runtime and the device that all models on it share. After the device is lost, or has reported an error, every task fails: results
 * could be wrong from then on, and ONNX Runtime may wait forever.
 */
export class GpuRuntime {
  readonly host: GpuHost;
  readonly device: GPUDevice;
  readonly #failed: Promise<never>;
  #fail: (error: BackendUnavailableError) => void = () => undefined;
  #failure: BackendUnavailableError | undefined;
  /** The end of the last task. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(host: GpuHost, device: GPUDevice) {
    this.host = host;
    this.device = device;
    this.#failed = new Promise<never>((_, reject) => (this.#fail = reject));
    this.#failed.catch(() => undefined);
    void device.lost.then(({ message }) => this.fail("The graphics device was lost.", message));
    device.addEventListener("uncapturederror", (event) => {
      const { error } = event;
      const outOfMemory = error.constructor.name === "GPUOutOfMemoryError";
      this.fail(outOfMemory ? outOfMemoryMessage : "The graphics device reported an error.", error.message);
    });
  }

  /** @throws BackendUnavailableError, ComputeError */
  static async open(loader: GpuLoader): Promise<GpuRuntime> {
    const host = await loader();
    return new GpuRuntime(host, await openDevice(host.gpu));
  }

  /** Why nothing runs any more; undefined while all is well. */
  get failure(): BackendUnavailableError | undefined {
    return this.#failure;
  }

  /** Whether shaders may compute in 16 bits. */
  get half(): boolean {
    return this.device.features.has("shader-f16");
  }

  /** Ends this runtime: tasks that run or come fail with `message`. */
  fail(message: string, detail?: string): void {
    if (this.#failure) return;
    this.#failure = new BackendUnavailableError(message, detail);
    this.#fail(this.#failure);
    this.device.destroy();
  }

  /**
   * Runs a task of ONNX Runtime, which takes one at a time, whichever model it is for.
   * @throws BackendUnavailableError when the device is lost before or meanwhile
   */
  run<T>(task: GpuTask<T>): Promise<T> {
    const result = this.#tail.then(() => this.whileAlive(task));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Waits for something on the GPU. @throws BackendUnavailableError when the device is lost before or meanwhile */
  async whileAlive<T>(task: GpuTask<T>): Promise<T> {
    if (this.#failure) throw this.#failure;
    try {
      return await Promise.race([task(), this.#failed]);
    } catch (error) {
      // What a lost device makes of a task is told by its loss, which may be reported a little later.
      await Promise.race([this.#failed, nextTurn()]);
      throw error;
    }
  }

  /**
   * Allocates GPU memory, all of `sizes` or none.
   * @throws BackendUnavailableError when there is no more
   */
  async allocate(sizes: readonly number[], usage: GPUBufferUsageFlags): Promise<readonly GPUBuffer[]> {
    return this.whileAlive(async () => {
      this.device.pushErrorScope("out-of-memory");
      const buffers = sizes.map((size) => this.device.createBuffer({ size, usage }));
      const error = await this.device.popErrorScope();
      if (!error) return buffers;
      for (const buffer of buffers) buffer.destroy();
      throw new BackendUnavailableError(outOfMemoryMessage, error.message);
    });
  }

  /** Queues copies on the GPU: they take effect before anything that is submitted later. */
  submit(encode: (encoder: GPUCommandEncoder) => void): void {
    if (this.#failure) return;
    const encoder = this.device.createCommandEncoder();
    encode(encoder);
    this.device.queue.submit([encoder.finish()]);
  }
}

const outOfMemoryMessage = "The graphics memory is full.";

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
