import type { ModelFiles } from "../formats/byteSource";
import type { LoraAdapter } from "../gpt2/adapters/adapter";
import { mergedWeights } from "../gpt2/adapters/mergedWeights";
import { openAdapter } from "../gpt2/adapters/openAdapter";
import { roundedToHalf } from "../gpt2/weights/halfWeights";
import { openWeights } from "../gpt2/weights/openWeights";
import type { Gpt2Weights } from "../gpt2/weights/weights";
import type { EnginePlatform } from "./platform";
import type { OpenOptions } from "./protocol";

/** The weights of a model as they are to be run, and the files that they are read from. */
export interface ModelWeights {
  readonly files: ModelFiles;
  readonly weights: Gpt2Weights;
  /** The adapter that is merged into them; undefined for none. */
  readonly adapter?: LoraAdapter;
}

/**
 * Opens the weights of a model, with the adapter and the rounding that the options ask for.
 * @throws ModelFileError when the files are not a model that can be run, or the adapter cannot be used; nothing stays open then
 */
export async function openModelWeights(
  platform: Pick<EnginePlatform, "openFiles">,
  { location, mergedAdapter, roundToHalf }: Pick<OpenOptions, "location" | "mergedAdapter" | "roundToHalf">,
): Promise<ModelWeights> {
  const files = await platform.openFiles(location);
  const opened = await openWeights(files);
  try {
    const adapter = mergedAdapter && (await openAdapter(await platform.openFiles(mergedAdapter), opened.config));
    const merged = adapter ? mergedWeights(opened, adapter) : opened;
    return { files, weights: roundToHalf ? roundedToHalf(merged) : merged, ...(adapter && { adapter }) };
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}
