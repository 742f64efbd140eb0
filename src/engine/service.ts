import { alternatives } from "../generation/alternatives";
import { beamSearch } from "../generation/beams/beamSearch";
import { candidates } from "../generation/inspection/candidates";
import { complete } from "../generation/complete";
import { type DraftModelHandle, type GenerationContext, generationContext } from "../generation/context";
import type { RequestControl } from "../generation/control";
import { InputError } from "../generation/errors";
import { generate, generateSeveral } from "../generation/generate";
import { attention, lens } from "../generation/inspection/lens";
import { PromptInspector } from "../generation/inspection/promptInspector";
import { textLoss } from "../generation/inspection/textLoss";
import { scoreLines } from "../generation/ranking/scoreLines";
import { readAhead } from "../generation/readAhead";
import { readOtherTexts } from "../generation/speculative/otherTexts";
import type { GenerationResult, Timings } from "../generation/request";
import type { TappedModel } from "../gpt2/taps";
import type { CheckpointReport } from "../gpt2/verification/checkpoints/run";
import type { LanguageModel } from "../gpt2/languageModel";
import { tokenizerFor } from "../tokenizer/tokenizerFor";
import { checkModel, checkpointTokens } from "./checkModel";
import { LazyResource } from "./lazyResource";
import { openDraftModel } from "./openDraftModel";
import { openModel, openTappedModel, type TappedModelWithWeights } from "./openModel";
import type { EnginePlatform } from "./platform";
import type { CheckpointProgress, CheckpointsRequest, EngineStats, ModelDescription, OpenOptions } from "./protocol";
import type { CallContext, Handlers } from "./serve";
import { priority, PriorityScheduler } from "./priorityScheduler";

/** Requests that {@link EngineStats} keeps. */
const recentRequests = 50;

interface OpenedModel {
  readonly description: ModelDescription;
  readonly context: GenerationContext;
  readonly draftModel: LanguageModel | undefined;
  readonly prompts: PromptInspector;
  /** A second copy of the model that exposes its inner tensors. */
  readonly tapped: LazyResource<TappedModelWithWeights>;
}

/**
 * The engine itself: one open model, and the scheduler of the requests to it. It runs in a worker, called through {@link serve}, or in the
 * caller's thread (command line, tests).
 */
export class EngineService implements AsyncDisposable {
  readonly #warn: (message: string) => void;
  readonly #platform: EnginePlatform;
  readonly #scheduler: PriorityScheduler;
  #opened: OpenedModel | undefined;
  readonly #recent: Timings[] = [];

  /** @param warn receives problems that do not stop the work, each a sentence for the log */
  constructor(platform: EnginePlatform, warn: (message: string) => void = () => undefined) {
    this.#platform = platform;
    this.#warn = warn;
    this.#scheduler = new PriorityScheduler(() => platform.yieldToHost());
  }

  /** The calls of the protocol. */
  readonly handlers: Handlers = {
    open: (options) => this.open(options),
    complete: (request, call) =>
      this.#runTimed(priority.completion, call, ({ context }, control) => complete(context, request, control)),
    completeAhead: (request, call) =>
      this.#run(priority.idle, call, ({ context }, control) => complete(context, request, control)),
    readAhead: ({ prompt, maxTokens }, call) =>
      this.#run(priority.idle, call, ({ context }, control) => readAhead(context, prompt, maxTokens, control)),
    scoreLines: (request, call) =>
      this.#run(priority.completion, call, ({ context }, control) => scoreLines(context, request, control)),
    alternatives: (request, call) =>
      this.#run(priority.candidates, call, ({ context }, control) => alternatives(context, request, control)),
    otherTexts: (texts, call) =>
      this.#run(priority.idle, call, ({ context }, control) => readOtherTexts(context, texts, control)),
    generate: (request, call) =>
      this.#runTimed(priority.generate, call, ({ context }, control) => generate(context, request, control)),
    generateSeveral: (request, call) =>
      this.#run(priority.generate, call, ({ context }, control) => {
        const onTexts = (index: number, text: string) => call.onProgress({ index, text });
        return generateSeveral(context, request, { ...control, onTexts });
      }),
    beamSearch: (request, call) =>
      this.#run(priority.generate, call, ({ context }, control) => beamSearch(context, request, control)),
    textLoss: (request, call) =>
      this.#run(priority.generate, call, ({ context }, control) =>
        textLoss(context, request, { ...control, onShare: call.onProgress }),
      ),
    candidates: (request, call) =>
      this.#run(priority.candidates, call, ({ context }, control) => candidates(context, request, control)),
    inspectPrompt: (request, call) =>
      this.#run(priority.candidates, call, ({ prompts }, control) => prompts.inspect(request, control)),
    expectedAt: (request, call) =>
      this.#run(priority.candidates, call, ({ prompts }, control) => prompts.expectedAt(request, control)),
    lens: (request, call) =>
      this.#runTapped(call, ({ context }, model, control) => lens(context, model, request, control)),
    attention: (request, call) =>
      this.#runTapped(call, ({ context }, model, control) => attention(context, model, request, control)),
    checkpoints: (request, call) => this.#checkpoints(request, call),
    endInspection: () =>
      this.#need()
        .tapped.close()
        .then(() => undefined),
    stats: () => Promise.resolve(this.stats()),
  };

  /**
   * Opens a model and closes the one that was open.
   * @throws ModelFileError when the files are not a model that can be run; the old model is closed even then.
   */
  async open({ draftModel, ...options }: OpenOptions): Promise<ModelDescription> {
    await this[Symbol.asyncDispose]();
    const { files, weights, model } = await openModel(this.#platform, options, this.#warn);
    await using opened = weights;
    const tokenizer = tokenizerFor(opened.config);
    const main: ModelDescription = {
      name: files.name,
      config: weights.config,
      info: model.info,
      tokenizer: tokenizer.name,
      fillInTheMiddle: tokenizer.fim !== undefined,
      storage: weights.storage,
    };
    const draft = draftModel && (await openDraftModel(this.#platform, draftModel, options, main, this.#warn));
    const description = draft ? { ...main, draftModel: draft.description } : main;
    const context = generationContext(
      model,
      tokenizer,
      undefined,
      this.#draftModelHandle(draft?.model),
      options.contextLimit,
    );
    const asOpened = { ...options, threads: model.info.threads };
    const tapped = new LazyResource(() => openTappedModel(this.#platform, asOpened, this.#warn));
    this.#opened = { description, context, draftModel: draft?.model, prompts: new PromptInspector(context), tapped };
    return description;
  }

  /** The open model, its cache, and the timings of the last requests. */
  stats(): EngineStats {
    return {
      model: this.#opened?.description,
      heapBytes: (this.#opened?.context.model.heapBytes ?? 0) + (this.#opened?.draftModel?.heapBytes ?? 0),
      slots: this.#opened?.context.model.slots() ?? [],
      computedTokens: this.#opened?.context.model.computedTokens ?? 0,
      recent: [...this.#recent],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.tapped[Symbol.asyncDispose]();
    await opened?.draftModel?.[Symbol.asyncDispose]();
    await opened?.context.model[Symbol.asyncDispose]();
  }

  #draftModelHandle(model: LanguageModel | undefined): DraftModelHandle | undefined {
    if (!model) return undefined;
    const onFailure = (error: unknown) => this.#warn(`The draft model failed and is no longer used: ${String(error)}`);
    return { model, onFailure };
  }

  async #runTimed(
    rank: number,
    call: CallContext<string>,
    task: (opened: OpenedModel, control: RequestControl) => Promise<GenerationResult>,
  ): Promise<GenerationResult> {
    const result = await this.#run(rank, call, (opened, control) =>
      task(opened, { ...control, onText: call.onProgress }),
    );
    this.#recent.push(result.timings);
    if (this.#recent.length > recentRequests) this.#recent.shift();
    return result;
  }

  #run<T>(
    rank: number,
    { signal }: Pick<CallContext, "signal">,
    task: (opened: OpenedModel, control: RequestControl) => Promise<T>,
  ): Promise<T> {
    const opened = this.#need();
    const arrivedAt = opened.context.now();
    return this.#scheduler.run(rank, (pause) => task(opened, { arrivedAt, signal, pause }), signal);
  }

  /** As {@link #run}, with the tapped model. It is opened before the request is scheduled, so that no keystroke waits for that. */
  #runTapped<T>(
    call: CallContext,
    task: (opened: OpenedModel, model: TappedModel, control: RequestControl) => Promise<T>,
  ): Promise<T> {
    const { tapped } = this.#need();
    return tapped.use(({ model }) =>
      this.#run(priority.candidates, call, (opened, control) => task(opened, model, control)),
    );
  }

  /** The tapped copy and the reference hold the weights twice more, so the copy is closed at the end. */
  async #checkpoints(
    request: CheckpointsRequest,
    { signal, onProgress }: CallContext<CheckpointProgress>,
  ): Promise<CheckpointReport> {
    const { tapped, description } = this.#need();
    const tokens = checkpointTokens(request, description.config);
    try {
      return await tapped.use((model) =>
        this.#scheduler.run(
          priority.idle,
          (pause) => checkModel(model, { tokens }, { signal, onProgress, pause }),
          signal,
        ),
      );
    } finally {
      await tapped.close();
    }
  }

  #need(): OpenedModel {
    if (!this.#opened) throw new InputError("No model is open.");
    return this.#opened;
  }
}
