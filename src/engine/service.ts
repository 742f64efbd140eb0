import { alternatives } from "../generation/alternatives";
import { beamSearch } from "../generation/beams/beamSearch";
import { candidates } from "../generation/inspection/candidates";
import { complete } from "../generation/complete";
import type { RequestControl } from "../generation/control";
import { generate, generateSeveral } from "../generation/generate";
import { attention, lens } from "../generation/inspection/lens";
import { textLoss } from "../generation/inspection/textLoss";
import { scoreLines } from "../generation/ranking/scoreLines";
import { readAhead } from "../generation/readAhead";
import { readOtherTexts } from "../generation/speculative/otherTexts";
import type { ForAdapter, GenerationResult, Timings } from "../generation/request";
import type { TappedModel } from "../gpt2/taps";
import type { CheckpointReport } from "../gpt2/verification/checkpoints/run";
import type { Answering } from "./adapters";
import { BackendTrials } from "./backendTrials";
import { checkModel, checkpointTokens } from "./checkModel";
import { CurrentModel } from "./currentModel";
import type { EnginePlatform } from "./platform";
import type { CheckpointProgress, CheckpointsRequest, EngineStats, ModelDescription, OpenOptions } from "./protocol";
import type { CallContext, Handlers } from "./serve";
import { priority, PriorityScheduler } from "./priorityScheduler";

/** Requests that {@link EngineStats} keeps. */
const recentRequests = 50;

/**
 * The engine itself: one open model, and the scheduler of the requests to it. It runs in a worker, called through {@link serve}, or in the
 * caller's thread (command line, tests).
 */
export class EngineService implements AsyncDisposable {
  readonly #scheduler: PriorityScheduler;
  readonly #current: CurrentModel;
  readonly #trials: BackendTrials;
  readonly #recent: Timings[] = [];

  /**
   * @param warn receives problems that do not stop the work, each a sentence for the log
   * @param onReopened called when the model was opened again on another backend
   */
  constructor(
    platform: EnginePlatform,
    warn: (message: string) => void = () => undefined,
    onReopened: (description: ModelDescription) => void = () => undefined,
  ) {
    this.#scheduler = new PriorityScheduler(() => platform.yieldToHost());
    this.#current = new CurrentModel({ platform, warn, onReopened });
    this.#trials = new BackendTrials({ platform, current: this.#current, scheduler: this.#scheduler });
  }

  /** The calls of the protocol. */
  readonly handlers: Handlers = {
    open: (options, { onProgress }) => this.open(options, onProgress),
    complete: (request, call) =>
      this.#runTimed(priority.completion, request, call, ({ context }, control) => complete(context, request, control)),
    completeAhead: (request, call) =>
      this.#run(priority.idle, request, call, ({ context }, control) => complete(context, request, control)),
    readAhead: (request, call) =>
      this.#run(priority.idle, request, call, ({ context }, control) =>
        readAhead(context, request.prompt, request.maxTokens, control),
      ),
    scoreLines: (request, call) =>
      this.#run(priority.scores, request, call, ({ context }, control) => scoreLines(context, request, control)),
    alternatives: (request, call) =>
      this.#run(priority.candidates, request, call, ({ context }, control) => alternatives(context, request, control)),
    otherTexts: (texts, call) =>
      this.#run(priority.idle, {}, call, ({ context }, control) => readOtherTexts(context, texts, control)),
    generate: (request, call) =>
      this.#runTimed(priority.generate, request, call, ({ context }, control) => generate(context, request, control)),
    generateSeveral: (request, call) =>
      this.#run(priority.generate, request, call, ({ context }, control) => {
        const onTexts: RequestControl["onTexts"] = (index, text, token) =>
          call.onProgress({ index, text, ...(token && { token }) });
        return generateSeveral(context, request, { ...control, onTexts });
      }),
    beamSearch: (request, call) =>
      this.#run(priority.generate, request, call, ({ context }, control) =>
        beamSearch(context, request, { ...control, onText: call.onProgress }),
      ),
    textLoss: (request, call) =>
      this.#run(priority.generate, request, call, ({ context }, control) =>
        textLoss(context, request, { ...control, onShare: call.onProgress }),
      ),
    candidates: (request, call) =>
      this.#run(priority.candidates, request, call, ({ context }, control) => candidates(context, request, control)),
    inspectPrompt: (request, call) =>
      this.#run(priority.candidates, request, call, ({ prompts }, control) => prompts.inspect(request, control)),
    expectedAt: (request, call) =>
      this.#run(priority.candidates, request, call, ({ prompts }, control) => prompts.expectedAt(request, control)),
    lens: (request, call) =>
      this.#runTapped(request, call, ({ context }, model, control) => lens(context, model, request, control)),
    attention: (request, call) =>
      this.#runTapped(request, call, ({ context }, model, control) => attention(context, model, request, control)),
    checkpoints: (request, call) => this.#checkpoints(request, call),
    machine: (candidates) => this.#trials.machine(candidates),
    measureBackends: (backends, { signal }) => this.#trials.measure(backends, signal),
    moveToBackend: async (backend) => {
      await this.#current.moveTo(backend, (swap) => this.#scheduler.run(priority.idle, swap));
      return undefined;
    },
    compareBackends: (request, { signal }) => this.#trials.compare(request, signal),
    endInspection: () =>
      this.#current
        .need()
        .adapters.endInspection()
        .then(() => undefined),
    stats: () => Promise.resolve(this.stats()),
  };

  /**
   * Opens a model and closes the one that was open.
   * @param onShare receives how much of the model's weights has been read, 0 to 1
   * @throws ModelFileError when the files are not a model that can be run; the old model is closed even then.
   */
  async open(options: OpenOptions, onShare?: (share: number) => void): Promise<ModelDescription> {
    return (await this.#current.open(options, onShare)).description;
  }

  /** The open model, its cache, and the timings of the last requests. */
  stats(): EngineStats {
    const { opened } = this.#current;
    return {
      model: opened?.description,
      heapBytes: (opened?.context.model.heapBytes ?? 0) + (opened?.draftModel?.heapBytes ?? 0),
      slots: opened?.context.model.slots() ?? [],
      computedTokens: opened?.context.model.computedTokens ?? 0,
      recent: [...this.#recent],
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#current[Symbol.asyncDispose]();
  }

  async #runTimed(
    rank: number,
    request: ForAdapter,
    call: CallContext<string>,
    task: (answering: Answering, control: RequestControl) => Promise<GenerationResult>,
  ): Promise<GenerationResult> {
    const result = await this.#run(rank, request, call, (answering, control) =>
      task(answering, { ...control, onText: call.onProgress }),
    );
    this.#recent.push(result.timings);
    if (this.#recent.length > recentRequests) this.#recent.shift();
    return result;
  }

  async #run<T>(
    rank: number,
    { adapter }: ForAdapter,
    { signal }: Pick<CallContext, "signal">,
    task: (answering: Answering, control: RequestControl) => Promise<T>,
  ): Promise<T> {
    const { context, adapters } = this.#current.need();
    const arrivedAt = context.now();
    if (rank > priority.idle) this.#trials.interrupt();
    if (adapter !== undefined) await adapters.prepare(adapter);
    const run = (pause: () => Promise<void>) =>
      this.#current.use((opened) =>
        opened.adapters.use(adapter, (answering) => task(answering, { arrivedAt, signal, pause })),
      );
    const result = await this.#scheduler.run(rank, run, signal);
    void this.#current.retry((swap) => this.#scheduler.run(priority.idle, swap));
    return result;
  }

  /** As {@link #run}, with the tapped model. It is opened before the request is scheduled, so that no keystroke waits for that. */
  #runTapped<T>(
    request: ForAdapter,
    call: CallContext,
    task: (answering: Answering, model: TappedModel, control: RequestControl) => Promise<T>,
  ): Promise<T> {
    return this.#current
      .need()
      .adapters.use(request.adapter, ({ tapped }) =>
        tapped.use(({ model }) =>
          this.#run(priority.candidates, request, call, (answering, control) => task(answering, model, control)),
        ),
      );
  }

  /** The tapped copy and the reference hold the weights twice more, so the copy is closed at the end. */
  async #checkpoints(
    request: CheckpointsRequest,
    { signal, onProgress }: CallContext<CheckpointProgress>,
  ): Promise<CheckpointReport> {
    const { adapters, description, context } = this.#current.need();
    const tokens = checkpointTokens(request, context.tokenizer, description.config);
    adapters.check(request.adapter);
    return adapters.use(request.adapter, async ({ tapped }) => {
      try {
        return await tapped.use((model) =>
          this.#scheduler.run(
            priority.idle,
            (pause) => checkModel(model, { ...request, tokens }, { signal, onProgress, pause }),
            signal,
          ),
        );
      } finally {
        await tapped.close();
      }
    });
  }
}
