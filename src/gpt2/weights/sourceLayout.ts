import type { TensorFile } from "../../formats/tensorFile";
import type { Gpt2Config } from "../config/config";
import { groupQkv } from "./groupQkv";
import { ggufName, huggingFacePrefix, tensorflowName } from "./tensorNames";
import { isLinearWeight, qkvWidth } from "./tensorShapes";

/** How a source of weights names, orders and transposes the tensors of {@link Gpt2Weights}. */
export interface SourceLayout {
  /** The names that a tensor may have in the file; the first that is there counts. The first is used in messages. */
  names(name: string): readonly [string, ...string[]];
  /** Whether a matrix is stored `[out, in]`. */
  transposed(name: string): boolean;
  /** Reorders a tensor from the file's order of rows to that of {@link Gpt2Weights}. */
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

/** OpenAI's TensorFlow checkpoints: names of `model.py` in github.com/openai/gpt-2, linear weights `[in, out]`. */
export function tensorflowLayout(): SourceLayout {
  return {
    names: (name) => [tensorflowName(name)],
    transposed: () => false,
    reorder: (_, values) => values,
  };
}

/**
 * State dicts with Hugging Face's names, in any file format. GPT-2's own linear weights (Conv1D) are `[in, out]`, those of GPT-BigCode and of
 * other implementations (nn.Linear) `[out, in]`; the shape of `c_attn`, which is never square, shows which. Whatever precedes `wte` and
 * `h.0` in the file's names (`transformer.`, `module.`, …) is a prefix of all of them.
 */
export function huggingFaceLayout(config: Gpt2Config, file: TensorFile): SourceLayout {
  const prefix = huggingFacePrefix(file.tensors.keys());
  const projection = file.tensors.get(`${prefix}h.0.attn.c_attn.weight`);
  const transposed = projection?.shape[0] === qkvWidth(config);
  const { vocabSize, width } = config;
  /** Graphs multiply with the head, so exporters turn it. */
  const isTurnedTable = (name: string) => {
    const table = layoutNames(name).flatMap((candidate) => file.tensors.get(candidate) ?? [])[0];
    return vocabSize !== width && table?.shape[0] === width && table.shape[1] === vocabSize;
  };
  const heads = [prefix.replace(/(transformer|model)\.$/, "") + "lm_head.weight", "lm_head.weight"] as const;
  const layoutNames = (name: string): readonly [string, ...string[]] => {
    if (name === "lm_head.weight") return heads;
    // Tied weights are one tensor, and some programs save it under the head's name.
    return name === "wte.weight" && config.tiedHead ? [prefix + name, ...heads] : [prefix + name];
  };
  return {
    names: layoutNames,
    transposed: (name) => {
      if (name === "wte.weight" || name === "lm_head.weight") return isTurnedTable(name);
      return transposed && isLinearWeight(name);
    },
    reorder: (name, values) => {
      const headByHead = config.architecture === "gpt_bigcode" && config.kvHeads === config.heads;
      return headByHead && name.includes(".c_attn.") ? groupQkv(values, config) : values;
    },
  };
}
