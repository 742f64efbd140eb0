import { type BackendSpeed, measureSpeed } from "../gpt2/backends/speed";
import { ComputeError } from "../gpt2/errors";
import type { BackendId } from "../gpt2/languageModel";
import type { BackendComparison } from "../gpt2/verification/compareModels";
import { compareBackends } from "./compareBackends";
import type { CurrentModel } from "./currentModel";
import { openModel, openTappedModel } from "./openModel";
import { type EnginePlatform, onlyOn } from "./platform";
import { priority, type PriorityScheduler } from "./priorityScheduler";
import type { ComparisonRequest, MachineDescription } from "./protocol";

export interface BackendTrialsOptions {
  readonly platform: EnginePlatform;
  readonly current: CurrentModel;
  readonly scheduler: PriorityScheduler;
}

/** The open model on other backends: how fast it is there, and whether it computes the same. Copies are open only meanwhile. */
export class BackendTrials {
  readonly #options: BackendTrialsOptions;
  #measuring: AbortController | undefined;

  constructor(options: BackendTrialsOptions) {
    this.#options = options;
  }

  /** Ends a measurement, because the engine is needed for something else. */
  interrupt(): void {
    this.#measuring?.abort();
  }

  /** What the open model can be run on here. @param candidates others are not looked for */
  async machine(candidates: readonly BackendId[]): Promise<MachineDescription> {
    const { platform, current } = this.#options;
    const { config } = current.need().description;
    const able = platform.backends.filter(
      (backend) => candidates.includes(backend.id) && backend.supports(config, current.options.precision),
    );
    const backends = await Promise.all(
      able.map(async (backend) => {
        const { id } = backend;
        if (!backend.device) return [{ id }];
        const device = await backend.device();
        return device === undefined ? [] : [{ id, device }];
      }),
    );
    return { processor: platform.processor, backends: backends.flat() };
  }

  /**
   * Measures the open model on each of some backends, one after the other, at idle priority.
   * @returns undefined when it was cancelled, or interrupted by a request
   */
  async measure(backends: readonly BackendId[], signal: AbortSignal): Promise<readonly BackendSpeed[] | undefined> {
    this.interrupt();
    const interruption = (this.#measuring = new AbortController());
    const stopped = AbortSignal.any([signal, interruption.signal]);
    try {
      const speeds: BackendSpeed[] = [];
      for (const backend of backends) speeds.push(await this.#measureOne(backend, stopped));
      return speeds;
    } catch (error) {
      if (stopped.aborted) return undefined;
      throw error;
    } finally {
      if (this.#measuring === interruption) this.#measuring = undefined;
    }
  }

  /**
   * Compares the open model with a copy of it on another backend, at idle priority.
   * @throws BackendUnavailableError, ComputeError when that cannot run it; the signal's reason when it was aborted
   */
  async compare({ against, ...request }: ComparisonRequest, signal: AbortSignal): Promise<BackendComparison> {
    const { platform, current, scheduler } = this.#options;
    const { tapped, description } = current.need();
    const { precision, threads } = description.info;
    const options = { ...current.options, precision, threads, backend: against, deviceMap: "auto" };
    try {
      return await tapped.use(async (one) => {
        await using other = await openTappedModel(
          onlyOn(platform, against, pauseOf(platform, signal)),
          options,
          ignore,
        );
        return await scheduler.run(
          priority.idle,
          (pause) => compareBackends(one, other, request, stopping(pause, signal)),
          signal,
        );
      });
    } finally {
      await tapped.close();
    }
  }

  async #measureOne(backend: BackendId, signal: AbortSignal): Promise<BackendSpeed> {
    const { current, scheduler } = this.#options;
    try {
      if (current.need().description.info.backend !== backend) return await this.#measureCopy(backend, signal);
      const run = (pause: () => Promise<void>) =>
        current.use(({ context, description }) => {
          // It may have been lost, and replaced.
          if (description.info.backend !== backend) throw new ComputeError(`The backend ${backend} was lost.`);
          return measureSpeed(context.model, { pause: stopping(pause, signal) });
        });
      return { kind: "measured", backend, speed: await scheduler.run(priority.idle, run, signal) };
    } catch (error) {
      if (signal.aborted || !(error instanceof ComputeError)) throw error;
      return { kind: "unavailable", backend, problem: error.message };
    }
  }

  async #measureCopy(backend: BackendId, signal: AbortSignal): Promise<BackendSpeed> {
    const { platform, current, scheduler } = this.#options;
    // One sequence is cached whatever the budget.
    const options = { ...current.options, backend, deviceMap: "auto", cacheBudgetBytes: 0 };
    const { model, weights } = await openModel(onlyOn(platform, backend, pauseOf(platform, signal)), options, ignore);
    await using copy = model;
    await weights[Symbol.asyncDispose]();
    const run = (pause: () => Promise<void>) => measureSpeed(copy, { pause: stopping(pause, signal) });
    return { kind: "measured", backend, speed: await scheduler.run(priority.idle, run, signal) };
  }
}

/** Lets messages arrive, and throws the signal's reason once it is aborted. */
function pauseOf(platform: EnginePlatform, signal: AbortSignal): () => Promise<void> {
  return stopping(() => platform.yieldToHost(), signal);
}

function stopping(pause: () => Promise<void>, signal: AbortSignal): () => Promise<void> {
  return async () => {
    await pause();
    signal.throwIfAborted();
  };
}

/** What goes wrong with a copy is no matter of the log. */
function ignore(): void {
  return undefined;
}
