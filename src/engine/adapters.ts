import type { GenerationContext } from "../generation/context";
import { InputError } from "../generation/errors";
import { PromptInspector } from "../generation/inspection/promptInspector";
import { withAdapter } from "../gpt2/adapters/adaptedModel";
import { openAdapter } from "../gpt2/adapters/openAdapter";
import { largestRank } from "../gpt2/adapters/adapter";
import type { Gpt2Config } from "../gpt2/config/config";
import { LazyResource } from "./lazyResource";
import { openModel, openTappedModel, openTappedWithAdapter, type TappedModelWithWeights } from "./openModel";
import type { EnginePlatform } from "./platform";
import type { AdapterChoice, AdapterDescription, ModelLocation, OpenOptions } from "./protocol";

/** What answers the requests for one adapter, or for the model without any. */
export interface Answering {
  readonly context: GenerationContext;
  readonly prompts: PromptInspector;
  /** A second copy of the model that exposes its inner tensors. */
  readonly tapped: LazyResource<TappedModelWithWeights>;
}

/** Milliseconds that a copy of the model with an adapter merged into it stays open without a request. */
const copyIdleMs = 5 * 60_000;

interface AdaptersOptions {
  readonly platform: EnginePlatform;
  /** How the model was opened. */
  readonly options: OpenOptions;
  /** Without any adapter. */
  readonly plain: Answering;
  readonly warn: (message: string) => void;
}

/** Opens what answers for an adapter, and keeps it open while a task uses it. */
interface AdaptedModel extends AsyncDisposable {
  use<T>(task: (answering: Answering) => Promise<T>): Promise<T>;
}

/**
 * The LoRA adapters of an open model. A backend that can adds them to its products, step by step; on another one, a copy of the model with the
 * adapter merged into it is opened for the first request and closed some time after the last.
 */
export class ModelAdapters implements AsyncDisposable {
  readonly #plain: Answering;
  readonly #models = new Map<string, AdaptedModel>();
  readonly #tapped: LazyResource<TappedModelWithWeights>[];
  readonly #descriptions: AdapterDescription[] = [];

  private constructor(plain: Answering) {
    this.#plain = plain;
    this.#tapped = [plain.tapped];
  }

  /** Opens adapters. One that cannot be used does not stop the others: its description says why. */
  static async open(choices: readonly AdapterChoice[], options: AdaptersOptions): Promise<ModelAdapters> {
    const adapters = new ModelAdapters(options.plain);
    for (const choice of choices) adapters.#descriptions.push(await adapters.#add(choice, options));
    return adapters;
  }

  get descriptions(): readonly AdapterDescription[] {
    return this.#descriptions;
  }

  /** @throws InputError when there is no adapter of this name that can be used */
  check(adapter: string | undefined): void {
    if (adapter === undefined || this.#models.has(adapter)) return;
    throw new InputError(`The model has no adapter “${adapter}” that can be used.`);
  }

  /** Prepares for requests with an adapter, so that none that is already running waits for that. */
  async prepare(adapter: string | undefined): Promise<void> {
    if (adapter !== undefined) await this.use(adapter, () => Promise.resolve());
  }

  /** Runs a task with what answers for an adapter; without an adapter where there is none of that name, or it cannot be used. */
  use<T>(adapter: string | undefined, task: (answering: Answering) => Promise<T>): Promise<T> {
    const model = adapter === undefined ? undefined : this.#models.get(adapter);
    return model === undefined ? task(this.#plain) : model.use(task);
  }

  /** Frees what looking into the model took; a copy of the model frees its own when it is idle. */
  async endInspection(): Promise<void> {
    await Promise.all(this.#tapped.map((tapped) => tapped.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const model of this.#models.values()) await model[Symbol.asyncDispose]();
    this.#models.clear();
  }

  async #add({ name, location }: AdapterChoice, options: AdaptersOptions): Promise<AdapterDescription> {
    if (location.kind === "unusable") return { ...location, name };
    const { model } = options.plain.context;
    try {
      const adapter = await openAdapter(await options.platform.openFiles(location), modelConfig(options));
      await model.addAdapter?.(name, adapter);
      this.#models.set(name, model.addAdapter ? this.#switched(name, location, options) : merged(location, options));
      return { kind: "ready", name, rank: largestRank(adapter), bytes: adapter.bytes };
    } catch (error) {
      return { kind: "unusable", name, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  /** An adapter that the model itself adds. */
  #switched(name: string, location: ModelLocation, { plain, platform, options, warn }: AdaptersOptions): AdaptedModel {
    const context = { ...plain.context, model: withAdapter(plain.context.model, name) };
    const tapped = new LazyResource(() => openTappedWithAdapter(platform, options, location, warn));
    this.#tapped.push(tapped);
    const answering = { context, prompts: new PromptInspector(context), tapped };
    return { use: (task) => task(answering), [Symbol.asyncDispose]: () => tapped[Symbol.asyncDispose]() };
  }
}

function modelConfig({ plain }: AdaptersOptions): Gpt2Config {
  return plain.context.model.config;
}

/** A copy of the model with an adapter merged into it. */
function merged(location: ModelLocation, { plain, platform, options, warn }: AdaptersOptions): AdaptedModel {
  const copy = new LazyResource(async () => {
    const { weights, model } = await openModel(platform, { ...options, mergedAdapter: location }, warn);
    await weights[Symbol.asyncDispose]();
    const context = { ...plain.context, model };
    const tapped = new LazyResource(() => openTappedModel(platform, { ...options, mergedAdapter: location }, warn));
    return {
      ...{ context, tapped, prompts: new PromptInspector(context) },
      async [Symbol.asyncDispose]() {
        await tapped[Symbol.asyncDispose]();
        await model[Symbol.asyncDispose]();
      },
    };
  }, copyIdleMs);
  return copy;
}
