import type { ModelVocabulary } from "../../tokenizer/byteLevel/definition";
import type { Gpt2Config } from "../config/config";

/**
 * The tensors of a GPT-2 under Hugging Face's names without the `transformer.` prefix: `wte.weight [V,D]`, `wpe.weight [P,D]`,
 * `h.N.ln_1.weight`, `h.N.attn.c_attn.weight [D, D+2·kvHeads·hd]` … , `ln_f.weight`, and `lm_head.weight [V,D]` of an untied model.
 * Linear weights come as Conv1D stores them, `[in, out]` (y = x·W + b), whatever the file's own order was. The columns of `c_attn` are
 * all queries, then all keys, then all values, head after head; GPT-BigCode files with a key/value head per head hold q, k, v head by head.
 */
export interface Gpt2Weights extends AsyncDisposable {
  readonly config: Gpt2Config;
  /** The vocabulary that the files hold, unless it is one that `config.tokenizer` names. */
  readonly vocabulary?: ModelVocabulary;
  /** Reads a tensor as 32-bit floats, row-major, into an array of the caller's. @throws ModelFileError naming the tensor that is missing or has a wrong shape. */
  read(name: string): Promise<Float32Array>;
  /** A string that is the same for the same file contents: the key of the cache of prepared weights. */
  readonly fingerprint: string;
  /** For people: `gguf Q8_0`, `safetensors F16`. */
  readonly storage: string;
}
