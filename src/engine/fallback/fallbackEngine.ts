import { ModelFileError } from "../../formats/errors";
import { InputError } from "../../generation/errors";
import { EngineStoppedError } from "../errors";
import { fallbackMessage } from "../openModel";
import type { BackendSpeed } from "../../gpt2/backends/speed";
import type { BackendId } from "../../gpt2/languageModel";
import type { Calls, Method, ModelDescription, OpenOptions, ToHost } from "../protocol";
import type { CallControl } from "../workerConnection";
import type { WorkerLink } from "../workerLink";
import { RetrySchedule } from "../retrySchedule";
import { needsGpu, OtherHost, withoutGpu } from "./otherHost";
import { RunningEngine } from "./runningEngine";

/** Where the engine can run, on hosts whose workers have no WebGPU. */
export interface EngineHosts {
  /**
   * Starts the engine where WebGPU is.
   * @throws BackendUnavailableError when that cannot be
   */
  readonly startOnGpu: () => Promise<WorkerLink>;
  /** Called when what {@link startOnGpu} opened is of no use for now. */
  readonly leaveGpu: () => void;
  /** Starts the engine in a worker of the host. */
  readonly startInWorker: () => Promise<WorkerLink>;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

export interface FallbackEngineEvents {
  /** Something happened that belongs to no call. */
  readonly post: (message: Extract<ToHost, { kind: "warning" | "reopened" }>) => void;
  /** The engine in the host's worker ended unexpectedly: nothing answers any more. */
  readonly onDeath: (reason: string) => void;
}

/**
 * Answers the engine's calls where the model's backend can run: with WebGPU in one engine, without it in another. When the one with
 * WebGPU is lost in any way (its page is closed, the device is lost, it cannot even start), the model opens in the other, which answers
 * the running calls from their beginning. Later the first is tried again.
 *
 * Backends of both are measured when a call asks for that, and the model moves from one to the other.
 */
export class FallbackEngine implements AsyncDisposable {
  readonly #hosts: EngineHosts;
  readonly #events: FallbackEngineEvents;
  #options: OpenOptions | undefined;
  #running: RunningEngine | undefined;
  /** While the model opens in the worker because the GPU was lost. */
  #replacement: Promise<void> | undefined;
  #retry: RetrySchedule | undefined;
  #retrying = false;
  readonly #other = new OtherHost({ start: (onGpu) => this.#start(onGpu), leaveGpu: () => this.#leaveGpu() });
  #disposed = false;

  constructor(hosts: EngineHosts, events: FallbackEngineEvents) {
    this.#hosts = hosts;
    this.#events = events;
  }

  /** Answers a call of the protocol. @throws what the engine's handler throws */
  call<M extends Method>(method: M, params: Calls[M]["params"], control: CallControl<M>): Promise<Calls[M]["result"]> {
    // Method, parameters and result match: all come from the same M.
    if (method === "open") return this.#open(params as OpenOptions, control as CallControl<"open">);
    if (method === "measureBackends") {
      return this.#measure(params as readonly BackendId[], control as CallControl<"measureBackends">);
    }
    if (method === "moveToBackend") {
      return this.#moveTo(params as BackendId, control as CallControl<"moveToBackend">);
    }
    return this.#call(method, params, control);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.all([this.#running?.[Symbol.asyncDispose](), this.#other[Symbol.asyncDispose]()]);
  }

  async #open(options: OpenOptions, control: CallControl<"open">): Promise<ModelDescription> {
    this.#options = options;
    if (options.backend !== "webgpu") {
      this.#running = await this.#start(false);
      return this.#running.call("open", options, control);
    }
    try {
      this.#running = await this.#start(true);
      return await this.#running.call("open", options, control);
    } catch (error) {
      if (this.#disposed || error instanceof ModelFileError || !(error instanceof Error)) throw error;
      return this.#openInWorker(this.#running?.loss ?? error, control);
    }
  }

  async #call<M extends Method>(
    method: M,
    params: Calls[M]["params"],
    control: CallControl<M>,
  ): Promise<Calls[M]["result"]> {
    const engine = await this.#current();
    try {
      return await engine.call(method, params, control);
    } catch (error) {
      if (!engine.onGpu || (!engine.loss && engine === this.#running)) throw error;
      return await (await this.#current()).call(method, params, control);
    } finally {
      void this.#retryGpu();
    }
  }

  /** Measures each backend where it can run. The second engine stays until {@link #moveTo}, for the model may move there. */
  async #measure(
    backends: readonly BackendId[],
    control: CallControl<"measureBackends">,
  ): Promise<readonly BackendSpeed[] | undefined> {
    const { onGpu } = await this.#current();
    const others = backends.filter((backend) => needsGpu(backend) !== onGpu);
    const own = backends.filter((backend) => needsGpu(backend) === onGpu);
    const speeds = await this.#call("measureBackends", own, control);
    if (!speeds || others.length === 0 || this.#retrying) return speeds;
    const further = await this.#other.measure(others, this.#needOptions(), control);
    const all = further && [...speeds, ...further];
    return all && backends.flatMap((backend) => all.filter((speed) => speed.backend === backend));
  }

  async #moveTo(backend: BackendId, control: CallControl<"moveToBackend">): Promise<undefined> {
    const before = await this.#current();
    if (needsGpu(backend) === before.onGpu) {
      await this.#other[Symbol.asyncDispose]();
      return this.#call("moveToBackend", backend, control);
    }
    const { engine, description } = await this.#other.take(backend, this.#needOptions());
    if (this.#disposed || this.#running !== before) {
      await engine[Symbol.asyncDispose]();
      throw new EngineStoppedError();
    }
    this.#options = { ...this.#needOptions(), backend };
    this.#running = engine;
    this.#retry = undefined;
    this.#events.post({ kind: "reopened", description });
    void before
      .disposeWhenIdle()
      .then(() => before.onGpu && !this.#running?.onGpu && this.#leaveGpu())
      .catch(() => undefined);
    return undefined;
  }

  /** The engine that answers calls; the other one if the first was lost. */
  async #current(): Promise<RunningEngine> {
    const loss = this.#running?.onGpu ? this.#running.loss : undefined;
    if (loss) this.#replacement ??= this.#replace(loss).finally(() => (this.#replacement = undefined));
    await this.#replacement;
    if (!this.#running) throw new InputError("No model is open.");
    return this.#running;
  }

  /** Moves the model to the worker, once for all calls that wait for it. */
  async #replace(loss: Error): Promise<void> {
    try {
      const description = await this.#openInWorker(loss, {});
      this.#events.post({ kind: "reopened", description });
    } catch (error) {
      if (this.#disposed) throw error;
      // Otherwise each keystroke would repeat the failure.
      await this[Symbol.asyncDispose]();
      this.#events.onDeath(`${loss.message} ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  }

  /** Opens the model in the worker, and ends the engine that was lost. */
  async #openInWorker(loss: Error, control: CallControl<"open">): Promise<ModelDescription> {
    const lost = this.#running;
    try {
      const worker = await this.#start(false);
      this.#running = worker;
      const description = await worker.call("open", withoutGpu(this.#needOptions()), control);
      this.#retry = new RetrySchedule(this.#now());
      const { backend, precision } = description.info;
      const message = fallbackMessage("webgpu", { backend: { id: backend }, precision }, loss);
      this.#events.post({ kind: "warning", message });
      return description;
    } finally {
      // What a lost engine says when it is closed is of no interest.
      await lost?.[Symbol.asyncDispose]().catch(() => undefined);
      this.#leaveGpu();
    }
  }

  /** Moves the model back to the GPU, if it was lost long enough ago. Both engines are in memory meanwhile. */
  async #retryGpu(): Promise<void> {
    const [retry, before] = [this.#retry, this.#running];
    if (!retry?.isDue(this.#now()) || this.#retrying || this.#other.isOpen || !before) return;
    this.#retrying = true;
    try {
      const engine = await this.#start(true);
      try {
        const description = await engine.call("open", this.#needOptions(), {});
        if (this.#disposed || this.#running !== before) throw new EngineStoppedError();
        this.#running = engine;
        this.#retry = undefined;
        this.#events.post({ kind: "reopened", description });
      } catch (error) {
        await engine[Symbol.asyncDispose]();
        throw error;
      }
      void before.disposeWhenIdle().catch(() => undefined);
    } catch {
      // It was said when it failed first.
      this.#leaveGpu();
      retry.postpone(this.#now());
    } finally {
      this.#retrying = false;
    }
  }

  async #start(onGpu: boolean): Promise<RunningEngine> {
    if (this.#disposed) throw new EngineStoppedError();
    const link = await (onGpu ? this.#hosts.startOnGpu() : this.#hosts.startInWorker());
    let engine: RunningEngine | undefined = undefined;
    const isOther = () => this.#other.isRunning(engine);
    engine = new RunningEngine(link, onGpu, {
      onWarning: (message) => this.#events.post({ kind: "warning", message }),
      onReopened: (description) => {
        if (!isOther()) this.#events.post({ kind: "reopened", description });
      },
      onDeath: (reason) => {
        if (onGpu || isOther()) return;
        void this.#other[Symbol.asyncDispose]().catch(() => undefined);
        this.#events.onDeath(reason);
      },
    });
    // Disposed while it started.
    if (this.#isDisposed()) {
      await engine[Symbol.asyncDispose]();
      throw new EngineStoppedError();
    }
    return engine;
  }

  /** After this engine was disposed, another one may be on the GPU. */
  #leaveGpu(): void {
    if (!this.#disposed) this.#hosts.leaveGpu();
  }

  #isDisposed(): boolean {
    return this.#disposed;
  }

  #needOptions(): OpenOptions {
    if (!this.#options) throw new InputError("No model is open.");
    return this.#options;
  }

  #now(): number {
    return (this.#hosts.now ?? (() => performance.now()))();
  }
}
