import type { EngineClient } from "../../engine/client";
import { hostTimer, type Schedule } from "../../engine/idleTimer";
import type { MachineDescription, ModelDescription, OpenOptions } from "../../engine/protocol";
import type { BackendSpeed } from "../../gpt2/backends/speed";
import type { BackendId } from "../../gpt2/languageModel";
import { Listeners } from "../listeners";
import { fasterBackend } from "./fasterBackend";
import { type BackendDecision, modelKey, type RememberedChoices } from "./rememberedChoices";

export interface BackendChooserOptions {
  readonly engine: Pick<EngineClient, "state" | "onDidChangeState" | "onDidFinish" | "onBackends">;
  /** What this host can run models on. */
  readonly candidates: readonly BackendId[];
  /**
   * What it can run them on only where a person sees it: measured when that is asked for and never else, and what was measured then
   * holds until the next time, or until the extension is updated.
   */
  readonly onRequest?: readonly BackendId[];
  readonly remembered: RememberedChoices;
  /** Whether work that nobody waits for may run now. */
  readonly mayWork: () => boolean;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** For tests. */
  readonly schedule?: Schedule;
}

/** What is known of the backends of the open model. */
export interface BackendFindings {
  /** In order of preference. */
  readonly speeds: readonly BackendSpeed[];
  /** Milliseconds since 1970. */
  readonly measuredAt: number;
  /** The one that `auto` takes; undefined where a setting names one, or none could be measured. */
  readonly chosen: BackendId | undefined;
}

/** Milliseconds after the last request until backends are measured, and after a measurement that a request interrupted. */
const idleMs = 4000;
const longestIdleMs = 64_000;

/**
 * Chooses the backend where the settings say `auto`: while nothing is asked of the engine, or when a person wants it, it measures the
 * open model on the processor and on the graphics card, moves it to the faster one, and remembers that for the next time.
 */
export class BackendChooser implements Disposable {
  readonly #options: BackendChooserOptions;
  readonly #changed = new Listeners<void>();
  readonly #subscriptions: readonly Disposable[];
  readonly #disposed = new AbortController();
  #timer: Disposable | undefined;
  #idleMs = idleMs;
  /** The model that the engine was last told to open, and whether its backend is to be chosen. */
  #model: { readonly key: string; readonly auto: boolean } | undefined;
  #findings: BackendFindings | undefined;
  /** Whether there is nothing more to find out about the open model. */
  #settled = false;
  #measuring = false;

  constructor(options: BackendChooserOptions) {
    this.#options = options;
    const { engine } = options;
    this.#subscriptions = [
      engine.onDidChangeState(({ kind }) => (kind === "ready" ? this.#wait() : this.#stopWaiting())),
      engine.onDidFinish(() => this.#wait()),
    ];
  }

  /** Undefined before the open model was measured. */
  get findings(): BackendFindings | undefined {
    return this.#findings;
  }

  get measuring(): boolean {
    return this.#measuring;
  }

  /** Calls `listener` when {@link findings} or {@link measuring} change. */
  onDidChange(listener: () => void): Disposable {
    return this.#changed.add(listener);
  }

  /** What the engine is to be told to open: on the backend that was the faster one before, if that is known. */
  apply(options: OpenOptions): OpenOptions {
    const { remembered, onRequest } = this.#options;
    const { backend = "auto", deviceMap = "auto" } = options;
    const key = modelKey(options);
    // A device map says itself what runs the layers.
    const auto = backend === "auto" && deviceMap === "auto";
    this.#model = { key, auto };
    this.#findings = undefined;
    // Nothing is found out unless a person asks.
    this.#settled = onRequest !== undefined;
    this.#idleMs = idleMs;
    const known = auto ? remembered.find(key) : undefined;
    if (known && onRequest) this.#settle(known);
    return known ? { ...options, backend: known.backend } : options;
  }

  /** What can run the open model on this machine; nothing while none is open. */
  async available(): Promise<readonly BackendId[]> {
    return (await this.#machine())?.backends.map(({ id }) => id) ?? [];
  }

  /**
   * Measures all backends that can run the open model, now.
   * @returns false when a request interrupted it, or there is nothing to measure
   */
  async measureAll(): Promise<boolean> {
    const machine = await this.#machine();
    const description = this.#openModel;
    if (!machine || !description || this.#measuring) return false;
    const { candidates, onRequest } = this.#options;
    const backends = onRequest ? [...candidates, ...onRequest] : machine.backends.map(({ id }) => id);
    try {
      return await this.#measure(backends, machine, description);
    } finally {
      if (onRequest) await this.#stay();
    }
  }

  [Symbol.dispose](): void {
    this.#disposed.abort();
    this.#stopWaiting();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  get #openModel(): ModelDescription | undefined {
    const { state } = this.#options.engine;
    return state.kind === "ready" ? state.model : undefined;
  }

  /** Asks for the candidates, and for the backend in use, which the settings may have named. */
  #machine(): Promise<MachineDescription | undefined> {
    const { engine, candidates } = this.#options;
    const used = this.#openModel?.info.backend;
    return engine.onBackends("machine", used && !candidates.includes(used) ? [...candidates, used] : candidates);
  }

  #wait(): void {
    this.#stopWaiting();
    if (this.#settled || this.#measuring || !this.#model?.auto || this.#disposed.signal.aborted) return;
    this.#timer = (this.#options.schedule ?? hostTimer)(() => void this.#choose(), this.#idleMs);
  }

  /** Leaves the model where it is, which ends what was begun to measure others. */
  async #stay(): Promise<void> {
    const used = this.#openModel?.info.backend;
    if (used) await this.#options.engine.onBackends("moveToBackend", used);
  }

  #waitLonger(): void {
    this.#idleMs = Math.min(2 * this.#idleMs, longestIdleMs);
  }

  #stopWaiting(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  async #choose(): Promise<void> {
    const { remembered, mayWork, log } = this.#options;
    if (!mayWork()) {
      this.#waitLonger();
      this.#wait();
      return;
    }
    try {
      const machine = await this.#machine();
      const [model, description] = [this.#model, this.#openModel];
      if (!machine || !model || !description || this.#settled || this.#measuring) return;
      const known = remembered.findFor(model.key, { machine, config: description.config });
      if (known) {
        this.#settle(known);
        return;
      }
      const rivals = rivalsOf(machine);
      if (rivals.length > 1) {
        await this.#measure(rivals, machine, description);
        return;
      }
      // There is nothing to choose, and what was chosen before is gone.
      this.#settled = true;
      await remembered.forget(model.key);
    } catch (error) {
      this.#settled = true;
      log.warn(`The backends could not be measured: ${String(error)}`);
    }
  }

  /** @returns whether it was done before any request came */
  async #measure(
    backends: readonly BackendId[],
    machine: MachineDescription,
    description: ModelDescription,
  ): Promise<boolean> {
    const { engine, remembered } = this.#options;
    const model = this.#model;
    this.#setMeasuring(true);
    try {
      const speeds = await engine.onBackends("measureBackends", backends, { signal: this.#disposed.signal });
      if (!speeds || model !== this.#model) {
        this.#waitLonger();
        return false;
      }
      const backend = fasterBackend(speeds);
      const measuredAt = Date.now();
      this.#findings = { speeds, measuredAt, chosen: undefined };
      if (!model?.auto || !backend) {
        this.#settled = true;
        return true;
      }
      const decision = { backend, speeds, measuredAt };
      await remembered.remember(model.key, { machine, config: description.config }, decision);
      this.#settle(decision);
      await this.#moveTo(backend);
      return true;
    } finally {
      this.#setMeasuring(false);
      this.#wait();
    }
  }

  async #moveTo(backend: BackendId): Promise<void> {
    const { engine, log } = this.#options;
    if (this.#openModel?.info.backend === backend) return;
    log.info(`The model moves to the backend ${backend}, which was measured to be faster.`);
    await engine.onBackends("moveToBackend", backend);
  }

  #settle({ backend, speeds, measuredAt }: BackendDecision): void {
    this.#settled = true;
    this.#findings = { speeds, measuredAt, chosen: backend };
    this.#changed.fire();
  }

  #setMeasuring(measuring: boolean): void {
    this.#measuring = measuring;
    this.#changed.fire();
  }
}

/** The first backend on the processor, and those on other devices; one that only imitates a device is never faster. */
function rivalsOf({ backends }: MachineDescription): readonly BackendId[] {
  const processor = backends.find(({ device }) => device === undefined);
  return backends.filter((backend) => backend === processor || backend.device?.software === false).map(({ id }) => id);
}
