import type { BackendSpeed } from "../../gpt2/backends/speed";
import type { BackendId } from "../../gpt2/languageModel";
import type { ModelDescription, OpenOptions } from "../protocol";
import type { CallControl } from "../workerConnection";
import type { RunningEngine } from "./runningEngine";

/** An engine with the model open. */
export interface OpenEngine {
  readonly engine: RunningEngine;
  readonly description: ModelDescription;
}

export interface OtherHostOptions {
  readonly start: (onGpu: boolean) => Promise<RunningEngine>;
  /** Called when what was opened for WebGPU is not needed any more. */
  readonly leaveGpu: () => void;
}

/** Whether a backend runs in the engine with WebGPU. */
export function needsGpu(backend: BackendId): boolean {
  return backend === "webgpu";
}

/** How the model is opened where there is no WebGPU: 16 and 4 bits need it. */
export function withoutGpu(options: OpenOptions): OpenOptions {
  const { precision } = options;
  return { ...options, backend: "auto", precision: precision === "f32" ? "f32" : "int8" };
}

/**
 * A second engine where the one that answers calls does not run: backends are measured in it, and it takes over if one of them is the
 * faster. Both have the model in memory meanwhile.
 */
export class OtherHost implements AsyncDisposable {
  readonly #options: OtherHostOptions;
  #engine: RunningEngine | undefined;
  #opened: OpenEngine | undefined;

  constructor(options: OtherHostOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#engine !== undefined;
  }

  /** Whether this is the second engine, and not the one that answers calls. */
  isRunning(engine: RunningEngine | undefined): boolean {
    return engine !== undefined && engine === this.#engine;
  }

  /** Measures backends of that host. @returns undefined when it was cancelled */
  async measure(
    backends: readonly BackendId[],
    options: OpenOptions,
    control: CallControl<"measureBackends">,
  ): Promise<readonly BackendSpeed[] | undefined> {
    try {
      const { engine } = await this.#open(backends.some(needsGpu), options);
      return await engine.call("measureBackends", backends, control);
    } catch (error) {
      if (control.signal?.aborted) return undefined;
      const problem = error instanceof Error ? error.message : String(error);
      return backends.map((backend) => ({ kind: "unavailable", backend, problem }));
    }
  }

  /** Gives the engine away, with the model open on a backend of that host. @throws what opening it throws */
  async take(backend: BackendId, options: OpenOptions): Promise<OpenEngine> {
    const opened = await this.#open(needsGpu(backend), options);
    const { engine } = opened;
    let { description } = opened;
    if (description.info.backend !== backend) {
      await engine.call("moveToBackend", backend, {});
      description = (await engine.call("stats", undefined, {})).model ?? description;
    }
    this.#engine = undefined;
    this.#opened = undefined;
    return { engine, description };
  }

  /** Ends the engine, if there is one. */
  async [Symbol.asyncDispose](): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    this.#opened = undefined;
    await engine?.[Symbol.asyncDispose]();
    if (engine?.onGpu) this.#options.leaveGpu();
  }

  async #open(onGpu: boolean, options: OpenOptions): Promise<OpenEngine> {
    const known = this.#opened;
    if (known?.engine.onGpu === onGpu && !known.engine.loss) return known;
    await this[Symbol.asyncDispose]();
    const engine = (this.#engine = await this.#options.start(onGpu));
    const wanted: OpenOptions = onGpu ? { ...options, backend: "webgpu", deviceMap: "auto" } : withoutGpu(options);
    const description = await engine.call("open", wanted, {});
    return (this.#opened = { engine, description });
  }
}
