import type { ModelFiles } from "../formats/byteSource";
import type { TappedModel } from "../gpt2/verification/checkpoints/tensors";
import { openWeights } from "../gpt2/weights/openWeights";
import { openLanguageModel } from "../gpt2/backends/ort/model";
import type { Gpt2Weights } from "../gpt2/weights/weights";
import type { EnginePlatform } from "./platform";
import type { OpenOptions } from "./protocol";

/** A model that is ready to run, and the weights that it was built from, which are still open. */
export interface ModelWithWeights {
  readonly files: ModelFiles;
  readonly weights: Gpt2Weights;
  readonly model: TappedModel;
}

/**
 * Opens a model from its files.
 * @param taps whether its graph hands out the tensors inside it
 * @param warn is told what went wrong without stopping the work, in a sentence for the log
 * @throws ModelFileError when the files are not a model that can be run
 */
export async function openModel(
  platform: EnginePlatform,
  { location, precision, threads, cacheBudgetBytes, cacheFolder }: OpenOptions,
  taps: boolean,
  warn: (message: string) => void,
): Promise<ModelWithWeights> {
  const files = await platform.openFiles(location);
  const weights = await openWeights(files);
  try {
    const cache = cacheFolder === undefined ? undefined : platform.openCache?.(cacheFolder);
    const model = await openLanguageModel(weights, {
      precision,
      threads,
      taps,
      loader: platform.loadOrt,
      kernelThreads: platform.kernelThreads,
      onCacheError: (error) => warn(`The model's cache cannot be used, so it opens more slowly: ${String(error)}`),
      ...(cache && { cache }),
      ...(cacheBudgetBytes !== undefined && { cacheBudgetBytes }),
    });
    return { files, weights, model };
  } catch (error) {
    await weights[Symbol.asyncDispose]();
    throw error;
  }
}
