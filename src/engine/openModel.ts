import type { ModelFiles } from "../formats/byteSource";
import { type Backend, type BackendOptions, chooseBackend } from "../gpt2/backends/backend";
import type { LanguageModel } from "../gpt2/languageModel";
import type { TappedModel } from "../gpt2/taps";
import { roundedToHalf } from "../gpt2/weights/halfWeights";
import { openWeights } from "../gpt2/weights/openWeights";
import type { Gpt2Weights } from "../gpt2/weights/weights";
import type { EnginePlatform } from "./platform";
import type { OpenOptions } from "./protocol";

/** A model that is ready to run, and the weights that it was built from, which are still open. */
export interface ModelWithWeights<Model extends LanguageModel = LanguageModel> {
  readonly files: ModelFiles;
  readonly weights: Gpt2Weights;
  readonly model: Model;
}

/** A second copy of a model that returns the tensors inside it. Disposing it frees all of it. */
export interface TappedModelWithWeights extends ModelWithWeights<TappedModel>, AsyncDisposable {}

type Open<Model> = (backend: Backend, weights: Gpt2Weights, options: BackendOptions) => Promise<Model>;

/**
 * Opens a model from its files on the chosen backend, or on the first that supports it.
 * @param warn receives what went wrong without stopping the work, a sentence for the log
 * @throws ModelFileError when the files are not a model that can be run, ComputeError when the backend cannot run it
 */
export function openModel(
  platform: EnginePlatform,
  options: OpenOptions,
  warn: (message: string) => void,
): Promise<ModelWithWeights> {
  return openOn(platform, options, warn, (backend, weights, how) => backend.open(weights, how));
}

/** As {@link openModel}, for a model that returns the tensors inside it and caches one sequence. */
export async function openTappedModel(
  platform: EnginePlatform,
  options: OpenOptions,
  warn: (message: string) => void,
): Promise<TappedModelWithWeights> {
  // One sequence is kept whatever the budget.
  const oneSequence = { ...options, cacheBudgetBytes: 0 };
  const opened = await openOn(platform, oneSequence, warn, (backend, weights, how) => backend.openTapped(weights, how));
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await opened.model[Symbol.asyncDispose]();
      await opened.weights[Symbol.asyncDispose]();
    },
  };
}

async function openOn<Model extends LanguageModel>(
  platform: EnginePlatform,
  { location, backend = "auto", precision, roundToHalf, threads, cacheBudgetBytes, cacheFolder }: OpenOptions,
  warn: (message: string) => void,
  open: Open<Model>,
): Promise<ModelWithWeights<Model>> {
  const files = await platform.openFiles(location);
  const opened = await openWeights(files);
  const weights = roundToHalf ? roundedToHalf(opened) : opened;
  try {
    const chosen = chooseBackend(platform.backends, backend, weights.config, precision);
    const cache = cacheFolder === undefined ? undefined : platform.openCache?.(cacheFolder);
    const model = await open(chosen, weights, {
      precision,
      threads,
      onCacheError: (error) =>
        warn(`The cache of prepared weights cannot be used, so the model opens more slowly: ${String(error)}`),
      ...(cache && { cache }),
      ...(cacheBudgetBytes !== undefined && { cacheBudgetBytes }),
    });
    return { files, weights, model };
  } catch (error) {
    await weights[Symbol.asyncDispose]();
    throw error;
  }
}
