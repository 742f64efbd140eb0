import { type DraftModelHandle, type GenerationContext, generationContext } from "../generation/context";
import { PromptInspector } from "../generation/inspection/promptInspector";
import type { LanguageModel } from "../gpt2/languageModel";
import { tokenizerFor } from "../tokenizer/tokenizerFor";
import { ModelAdapters } from "./adapters";
import { LazyResource } from "./lazyResource";
import { openDraftModel } from "./openDraftModel";
import { openModel, openTappedModel, type TappedModelWithWeights } from "./openModel";
import type { EnginePlatform } from "./platform";
import type { ModelDescription, OpenOptions } from "./protocol";

/** A model that is ready to answer calls, with what belongs to it. */
export interface OpenedModel extends AsyncDisposable {
  readonly description: ModelDescription;
  readonly context: GenerationContext;
  readonly draftModel: LanguageModel | undefined;
  /** A second copy of the model that exposes its inner tensors. */
  readonly tapped: LazyResource<TappedModelWithWeights>;
  readonly adapters: ModelAdapters;
}

/**
 * Opens a model and its draft model.
 * @param warn receives problems that do not stop the work, each a sentence for the log
 * @param onShare receives how much of the model's weights has been read, 0 to 1
 * @throws ModelFileError when the files are not a model that can be run, ComputeError when no backend can run it
 */
export async function openForCalls(
  platform: EnginePlatform,
  { draftModel, mergedAdapter, adapters: choices = [], ...options }: OpenOptions,
  warn: (message: string) => void,
  onShare?: (share: number) => void,
): Promise<OpenedModel> {
  const own = mergedAdapter ? { ...options, mergedAdapter } : options;
  const { files, weights, model } = await openModel(platform, own, warn, onShare);
  await using opened = weights;
  const tokenizer = tokenizerFor(opened.config, opened.vocabulary);
  const main: ModelDescription = {
    name: files.name,
    config: weights.config,
    info: model.info,
    tokenizer: tokenizer.name,
    fillInTheMiddle: tokenizer.fim !== undefined,
    storage: weights.storage,
  };
  const { backend, precision, threads } = model.info;
  const asOpened = { ...own, backend, precision, threads };
  // With `auto` a draft model may need another backend than the model.
  const forDraft = (options.backend ?? "auto") === "auto" ? options : { ...options, backend, precision, threads };
  const draft = draftModel && (await openDraftModel(platform, draftModel, forDraft, main, warn));
  const handle = draftModelHandle(draft?.model, warn);
  const context = generationContext(model, tokenizer, undefined, handle, options.contextLimit);
  const tapped = new LazyResource(() => openTappedModel(platform, asOpened, warn));
  const plain = { context, prompts: new PromptInspector(context), tapped };
  const adapters = await ModelAdapters.open(choices, { platform, options: asOpened, plain, warn });
  const description = {
    ...main,
    ...(draft && { draftModel: draft.description }),
    ...(choices.length > 0 && { adapters: adapters.descriptions }),
  };
  return {
    ...{ description, context, tapped, adapters },
    draftModel: draft?.model,
    async [Symbol.asyncDispose]() {
      await adapters[Symbol.asyncDispose]();
      await tapped[Symbol.asyncDispose]();
      await draft?.model?.[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    },
  };
}

function draftModelHandle(
  model: LanguageModel | undefined,
  warn: (message: string) => void,
): DraftModelHandle | undefined {
  if (!model) return undefined;
  const onFailure = (error: unknown) => warn(`The draft model failed and is no longer used: ${String(error)}`);
  return { model, onFailure };
}
