import type { TensorFile } from "../../formats/tensorFile";
import type { Gpt2Config } from "../config/config";
import { groupQkv } from "./groupQkv";
import { ggufName, huggingFacePrefix } from "./tensorNames";
import { isLinearWeight } from "./tensorShapes";

/** How a source of weights names, orders and turns the tensors of {@link Gpt2Weights}. */
export interface SourceLayout {
  /** The names that a tensor may have in the file; the first that is there counts. The first is used in messages. */
  names(name: string): readonly [string, ...string[]];
  /** Whether a matrix is stored `[out, in]`. */
  transposed(name: string): boolean;
  /** Brings the numbers of a tensor from the file's order of rows into that of {@link Gpt2Weights}. */
  reorder(name: string, values: Float32Array): Float32Array;
}

/** GGUF: names of llama.cpp, linear weights `[out, in]`. */
export function ggufLayout(): SourceLayout {
  return {
    names: (name) => [ggufName(name)],
    transposed: isLinearWeight,
    reorder: (_, values) => values,
  };
}

/**
 * Hugging Face's state dicts, in any file format. GPT-2's own linear weights (Conv1D) are `[in, out]`, those of GPT-BigCode (nn.Linear)
 * `[out, in]`. Whatever stands before `wte` and `h.0` in the file's names (`transformer.`, `module.`, …) is a prefix of all of them.
 */
export function huggingFaceLayout(config: Gpt2Config, file: TensorFile): SourceLayout {
  const prefix = huggingFacePrefix(file.tensors.keys());
  const heads = [prefix.replace(/(transformer|model)\.$/, "") + "lm_head.weight", "lm_head.weight"] as const;
  return {
    names: (name) => {
      if (name === "lm_head.weight") return heads;
      // Tied weights are one tensor, and some programs save it under the head's name.
      return name === "wte.weight" && config.tiedHead ? [prefix + name, ...heads] : [prefix + name];
    },
    transposed: (name) => config.architecture === "gpt_bigcode" && isLinearWeight(name),
    reorder: (name, values) => {
      const headByHead = config.architecture === "gpt_bigcode" && config.kvHeads === config.heads;
      return headByHead && name.includes(".c_attn.") ? groupQkv(values, config) : values;
    },
  };
}
