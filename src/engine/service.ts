import { candidates } from "../generation/candidates";
import { complete } from "../generation/complete";
import { type GenerationContext, generationContext, type RequestControl } from "../generation/context";
import { InputError } from "../generation/errors";
import { generate } from "../generation/generate";
import { PromptInspector } from "../generation/promptInspector";
import { readAhead } from "../generation/readAhead";
import type { GenerationResult, Timings } from "../generation/request";
import { openLanguageModel } from "../gpt2/session";
import { openWeights } from "../gpt2/openWeights";
import { tokenizerFor } from "../tokenizer/tokenizerFor";
import { EngineError } from "./errors";
import type { EnginePlatform } from "./platform";
import type { EngineStats, ModelDescription, OpenOptions } from "./protocol";
import type { CallContext, Handlers } from "./serve";
import { priority, Turns } from "./turns";

/** How many of the last requests {@link EngineStats} tells about. */
const remembered = 50;

interface OpenedModel {
  readonly description: ModelDescription;
  readonly context: GenerationContext;
  readonly prompts: PromptInspector;
}

const notYet = () => Promise.reject(new EngineError("The engine cannot do this yet."));

/**
 * The engine itself: one open model, and the requests that take turns at it. It runs in a worker behind {@link serve}, or in the same
 * thread for the command line and tests.
 */
export class EngineService implements AsyncDisposable {
  readonly #turns: Turns;
  #opened: OpenedModel | undefined;
  readonly #recent: Timings[] = [];

  /** @param warn is told what went wrong without stopping the work, in a sentence for the log */
  constructor(
    private readonly platform: EnginePlatform,
    private readonly warn: (message: string) => void = () => undefined,
  ) {
    this.#turns = new Turns(() => platform.yieldToHost());
  }

  /** The calls of the protocol. */
  readonly handlers: Handlers = {
    open: (options) => this.open(options),
    complete: (request, call) =>
      this.#atTurn(priority.completion, call, ({ context }, control) => complete(context, request, control)),
    completeAhead: (request, call) =>
      this.#run(priority.idle, call, ({ context }, control) => complete(context, request, control)),
    readAhead: ({ prompt, maxTokens }, call) =>
      this.#run(priority.idle, call, ({ context }, control) => readAhead(context, prompt, maxTokens, control)),
    generate: (request, call) =>
      this.#atTurn(priority.generate, call, ({ context }, control) => generate(context, request, control)),
    candidates: (request, call) =>
      this.#run(priority.candidates, call, ({ context }, control) => candidates(context, request, control)),
    inspectPrompt: (request, call) =>
      this.#run(priority.candidates, call, ({ prompts }, control) => prompts.inspect(request, control)),
    expectedAt: (request, call) =>
      this.#run(priority.candidates, call, ({ prompts }, control) => prompts.expectedAt(request, control)),
    lens: notYet,
    attention: notYet,
    checkpoints: notYet,
    endInspection: () => Promise.resolve(undefined),
    stats: () => Promise.resolve(this.stats()),
  };

  /**
   * Opens a model in place of the one that is open.
   * @throws ModelFileError when the files are not a model that can be run; the old one is closed all the same.
   */
  async open(options: OpenOptions): Promise<ModelDescription> {
    await this[Symbol.asyncDispose]();
    const files = await this.platform.openFiles(options.location);
    await using weights = await openWeights(files);
    const tokenizer = tokenizerFor(weights.config);
    const cache = options.cacheFolder === undefined ? undefined : this.platform.openCache?.(options.cacheFolder);
    const model = await openLanguageModel(weights, {
      precision: options.precision,
      threads: options.threads,
      loader: this.platform.loadOrt,
      kernelThreads: this.platform.kernelThreads,
      onCacheError: (error) => this.warn(`The model's cache cannot be used, so it opens more slowly: ${String(error)}`),
      ...(cache && { cache }),
      ...(options.cacheBudgetBytes !== undefined && { cacheBudgetBytes: options.cacheBudgetBytes }),
    });
    const description: ModelDescription = {
      name: files.name,
      config: weights.config,
      info: model.info,
      tokenizer: tokenizer.name,
      fillInTheMiddle: tokenizer.fim !== undefined,
      storage: weights.storage,
    };
    const context = generationContext(model, tokenizer);
    this.#opened = { description, context, prompts: new PromptInspector(context) };
    return description;
  }

  /** What is open, what is cached, and how long the last requests took. */
  stats(): EngineStats {
    return {
      model: this.#opened?.description,
      heapBytes: this.#opened?.context.model.heapBytes ?? 0,
      slots: this.#opened?.context.model.slots() ?? [],
      computedTokens: this.#opened?.context.model.computedTokens ?? 0,
      recent: [...this.#recent],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.context.model[Symbol.asyncDispose]();
  }

  async #atTurn(
    rank: number,
    call: CallContext<string>,
    task: (opened: OpenedModel, control: RequestControl) => Promise<GenerationResult>,
  ): Promise<GenerationResult> {
    const result = await this.#run(rank, call, (opened, control) =>
      task(opened, { ...control, onText: call.onProgress }),
    );
    this.#recent.push(result.timings);
    if (this.#recent.length > remembered) this.#recent.shift();
    return result;
  }

  #run<T>(
    rank: number,
    { signal }: Pick<CallContext, "signal">,
    task: (opened: OpenedModel, control: RequestControl) => Promise<T>,
  ): Promise<T> {
    const opened = this.#opened;
    if (!opened) throw new InputError("No model is open.");
    const arrivedAt = opened.context.now();
    return this.#turns.run(rank, (pause) => task(opened, { arrivedAt, signal, pause }), signal);
  }
}
