import { InputError } from "../generation/errors";
import { BackendUnavailableError, PartStoppedError } from "../gpt2/errors";
import type { BackendId } from "../gpt2/languageModel";
import { fallbackMessage } from "./openModel";
import { fallbackFor } from "../gpt2/backends/backend";
import { type OpenedModel, openForCalls } from "./openedModel";
import { type EnginePlatform, onlyOn } from "./platform";
import type { ModelDescription, OpenOptions } from "./protocol";
import { RetrySchedule } from "./retrySchedule";

/** What is known of a backend that was lost. */
interface Loss {
  readonly backend: BackendId;
  readonly schedule: RetrySchedule;
  trying: boolean;
}

export interface CurrentModelOptions {
  readonly platform: EnginePlatform;
  /** Receives problems that do not stop the work, each a sentence for the log; the same one only once. */
  readonly warn: (message: string) => void;
  /** Called when the model was opened again on another backend. */
  readonly onReopened: (description: ModelDescription) => void;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/**
 * The engine's open model. When its backend is lost, as a graphics device can be, it is opened on another one and the task is repeated;
 * later the first is tried again.
 */
export class CurrentModel implements AsyncDisposable {
  readonly #options: CurrentModelOptions;
  readonly #warned = new Set<string>();
  readonly #lost = new WeakSet<OpenedModel>();
  #wanted: OpenOptions | undefined;
  #opened: OpenedModel | undefined;
  #loss: Loss | undefined;
  /** Whether the model was opened again because a part of it had stopped: that is done once, lest every keystroke loads a model. */
  #wasReopened = false;

  constructor(options: CurrentModelOptions) {
    this.#options = options;
  }

  /** Undefined before a model is opened. */
  get opened(): OpenedModel | undefined {
    return this.#opened;
  }

  /**
   * Opens a model and closes the one that was open.
   * @param onShare receives how much of the model's weights has been read, 0 to 1
   * @throws ModelFileError, ComputeError; the old model is closed even then
   */
  async open(options: OpenOptions, onShare?: (share: number) => void): Promise<OpenedModel> {
    await this[Symbol.asyncDispose]();
    this.#wanted = options;
    this.#wasReopened = false;
    this.#opened = await this.#openForCalls(options, onShare);
    this.#noteFallback(options, this.#opened);
    return this.#opened;
  }

  /** The open model. @throws InputError when none is open */
  need(): OpenedModel {
    if (!this.#opened) throw new InputError("No model is open.");
    return this.#opened;
  }

  /** What the open model was opened with. @throws InputError when none is open */
  get options(): OpenOptions {
    if (!this.#wanted) throw new InputError("No model is open.");
    return this.#wanted;
  }

  /**
   * Runs a task on the model; from its beginning on the model on another backend when the backend is lost meanwhile, or on the model opened
   * again when a part of it has stopped.
   * One task at a time.
   */
  async use<T>(task: (opened: OpenedModel) => Promise<T>): Promise<T> {
    const opened = this.need();
    try {
      return await task(opened);
    } catch (error) {
      // A task that paused while another one noticed the loss fails in its own way.
      if (error instanceof PartStoppedError && this.#opened === opened) await this.#reopen(opened, error);
      else if (!(error instanceof BackendUnavailableError) && !this.#lost.has(opened)) throw error;
      else if (this.#opened === opened) await this.#replace(opened, error as Error);
      return await task(this.need());
    }
  }

  /**
   * Tries the wanted backend again, if it was lost long enough ago. Both models are in memory meanwhile.
   * @param exclusively runs a task while no other runs
   */
  async retry(exclusively: (task: () => Promise<void>) => Promise<void>): Promise<void> {
    const [loss, wanted, before] = [this.#loss, this.#wanted, this.#opened];
    if (!loss || !wanted || !before || loss.trying || !loss.schedule.isDue(this.#now())) return;
    loss.trying = true;
    const opened = await this.#openBeside(wanted, loss.backend).catch(() => undefined);
    if (opened && (await this.#swap(before, opened, exclusively))) return;
    loss.trying = false;
    loss.schedule.postpone(this.#now());
  }

  /**
   * Opens the model on another backend beside the one that it runs on, and closes that afterwards.
   * @param exclusively runs a task while no other runs
   * @throws BackendUnavailableError, ComputeError; the model stays where it is then
   */
  async moveTo(backend: BackendId, exclusively: (task: () => Promise<void>) => Promise<void>): Promise<void> {
    const before = this.need();
    if (before.description.info.backend === backend) return;
    const wanted = { ...this.options, backend, deviceMap: "auto" };
    const opened = await this.#openBeside(wanted, backend);
    if (await this.#swap(before, opened, exclusively)) this.#wanted = wanted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#loss = undefined;
    await opened?.[Symbol.asyncDispose]();
  }

  /** Opens the same model again. */
  async #reopen(stopped: OpenedModel, error: PartStoppedError): Promise<void> {
    if (!this.#wanted || this.#wasReopened) throw error;
    this.#wasReopened = true;
    this.#lost.add(stopped);
    this.#warnOnce(`${error.message} That is done now, once.`);
    this.#opened = undefined;
    await Promise.resolve(stopped[Symbol.asyncDispose]()).catch(() => undefined);
    this.#opened = await this.#openForCalls(this.#wanted);
    this.#options.onReopened(this.#opened.description);
  }

  /** Opens the model on this backend or on none. A device map of the person's may name others beside it. */
  async #openBeside(options: OpenOptions, backend: BackendId): Promise<OpenedModel> {
    const { platform } = this.#options;
    const isMapped = options.deviceMap !== undefined && options.deviceMap !== "auto";
    const warn = (message: string) => this.#warnOnce(message);
    const opened = await openForCalls(isMapped ? platform : onlyOn(platform, backend), options, warn);
    if (runsOn(backend, opened.description)) return opened;
    await closeReplaced(opened);
    throw new BackendUnavailableError(`The backend ${backend} is not available.`);
  }

  /** Puts a model in the place of the open one. @returns false when that was replaced or closed meanwhile; the new one is closed then */
  async #swap(
    before: OpenedModel,
    opened: OpenedModel,
    exclusively: (task: () => Promise<void>) => Promise<void>,
  ): Promise<boolean> {
    await exclusively(async () => {
      if (this.#opened !== before) return closeReplaced(opened);
      // A request that paused meanwhile begins again.
      this.#lost.add(before);
      this.#opened = opened;
      this.#loss = undefined;
      await closeReplaced(before);
    });
    if (this.#opened !== opened) return false;
    this.#options.onReopened(opened.description);
    return true;
  }

  /** Opens the model on another backend than the one that was lost. */
  async #replace(lost: OpenedModel, error: Error): Promise<void> {
    const { config, info } = lost.description;
    const other = fallbackFor(this.#options.platform.backends, info.backend, config, info.precision);
    if (!other || !this.#wanted) throw error;
    this.#lost.add(lost);
    this.#warnOnce(fallbackMessage(info.backend, other, error));
    this.#opened = undefined;
    await closeReplaced(lost);
    const { precision, backend } = other;
    this.#opened = await this.#openForCalls({
      ...this.#wanted,
      ...{ backend: backend.id, deviceMap: "auto", precision },
    });
    this.#noteLoss(info.backend);
    this.#options.onReopened(this.#opened.description);
  }

  /** Whether the model runs on another backend than the one that was asked for. */
  #noteFallback({ backend = "auto" }: OpenOptions, { description }: OpenedModel): void {
    if (backend !== "auto" && !runsOn(backend, description)) this.#noteLoss(backend);
  }

  #noteLoss(backend: BackendId): void {
    this.#loss = { backend, schedule: new RetrySchedule(this.#now()), trying: false };
  }

  #openForCalls(options: OpenOptions, onShare?: (share: number) => void): Promise<OpenedModel> {
    return openForCalls(this.#options.platform, options, (message) => this.#warnOnce(message), onShare);
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#options.warn(message);
  }

  #now(): number {
    return (this.#options.now ?? (() => performance.now()))();
  }
}

/** Closes a model that another one replaces. Whether that fails, as on a backend that is lost, is of no interest. */
async function closeReplaced(model: OpenedModel): Promise<void> {
  await Promise.resolve(model[Symbol.asyncDispose]()).catch(() => undefined);
}

/** Whether a backend runs a model, or a part of it. */
function runsOn(backend: BackendId, { info }: ModelDescription): boolean {
  return info.backend === backend || info.parts?.some((part) => part.backend === backend) === true;
}
