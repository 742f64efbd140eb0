import { type Gpt2Config, headWidth } from "../config/config";

/**
 * GPT-BigCode with a key/value head per head stores the rows of `c_attn` (or the numbers of its bias) head by head, q, k and v of each;
 * this gives all of q, then all of k, then all of v. Source: `GPTBigCodeAttention` in transformers, `view(heads, 3 * head_dim)`.
 * @param values `[heads, 3, headWidth, row]`, flat
 * @returns `[3, heads, headWidth, row]`, flat
 */
export function groupQkv(values: Float32Array, config: Pick<Gpt2Config, "width" | "heads">): Float32Array {
  const { heads } = config;
  const grouped = new Float32Array(values.length);
  const block = values.length / (3 * heads);
  if (block % headWidth(config) !== 0) throw new RangeError("The values are no whole number of rows.");
  for (let head = 0; head < heads; head++) {
    for (let part = 0; part < 3; part++) {
      const from = (3 * head + part) * block;
      grouped.set(values.subarray(from, from + block), (part * heads + head) * block);
    }
  }
  return grouped;
}
