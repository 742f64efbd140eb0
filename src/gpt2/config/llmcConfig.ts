import { ModelFileError } from "../../formats/errors";
import type { TensorFile } from "../../formats/tensorFile";
import type { Gpt2Config } from "./config";

/**
 * The config of a file of llm.c, which holds sizes only: the rest is as in the published GPT-2.
 * @throws ModelFileError when the sizes do not fit each other
 */
export function readLlmcConfig({ metadata, sources }: TensorFile): Gpt2Config {
  const size = (key: string) => Number(metadata.get(key));
  const [width, heads] = [size("width"), size("heads")];
  if (width % heads !== 0) {
    const name = sources[0]?.name ?? "The model";
    throw new ModelFileError(`${name} cannot be used: its width ${width} is not a multiple of its ${heads} heads.`);
  }
  return {
    architecture: "gpt2",
    vocabSize: size("vocabSize"),
    contextLength: size("positions"),
    width,
    layers: size("layers"),
    heads,
    kvHeads: heads,
    innerWidth: 4 * width,
    activation: "gelu_tanh",
    layerNormEpsilon: 1e-5,
    scaleAttention: true,
    scaleByInverseLayer: false,
    tiedHead: true,
    beginOfText: 50256,
    endOfText: 50256,
    tokenizer: undefined,
  };
}
