/** What the tensors of {@link Gpt2Weights} are called in GGUF files: the parts of a name one by one. */
const ggufParts: ReadonlyMap<string, string> = new Map([
  ["wte", "token_embd"],
  ["wpe", "position_embd"],
  ["ln_1", "attn_norm"],
  ["attn.c_attn", "attn_qkv"],
  ["attn.c_proj", "attn_output"],
  ["ln_2", "ffn_norm"],
  ["mlp.c_fc", "ffn_up"],
  ["mlp.c_proj", "ffn_down"],
  ["ln_f", "output_norm"],
  ["lm_head", "output"],
]);

/** `h.3.attn.c_attn.weight` is `blk.3.attn_qkv.weight` in GGUF. Source: gguf-py's `MODEL_TENSORS` of GPT2 and STARCODER. */
export function ggufName(name: string): string {
  const [, layer, part = "", kind = ""] = /^(?:h\.(\d+)\.)?(.*)\.(weight|bias)$/.exec(name) ?? [];
  const renamed = `${ggufParts.get(part) ?? part}.${kind}`;
  return layer === undefined ? renamed : `blk.${layer}.${renamed}`;
}

/** `h.3.attn.c_attn.weight` is `model/h3/attn/c_attn/w` in OpenAI's checkpoints, the weight of a layer norm `g`, an embedding `model/wte`. */
export function tensorflowName(name: string): string {
  const [, path = "", kind = ""] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const scope = `model/${path.replace(/^h\./, "h").replaceAll(".", "/")}`;
  if (path === "wte" || path === "wpe") return scope;
  if (kind === "bias") return `${scope}/b`;
  return `${scope}/${/(^|\.)ln_\w+$/.test(path) ? "g" : "w"}`;
}

/**
 * What stands before the names of {@link Gpt2Weights} in a Hugging Face state dict: nothing for the bare transformer, `transformer.` for a
 * model with a head, and more when it was saved from inside another module (`module.transformer.`).
 */
export function huggingFacePrefix(names: Iterable<string>): string {
  const first = "h.0.ln_1.weight";
  let prefix: string | undefined;
  for (const name of names) {
    if (name !== first && !name.endsWith(`.${first}`)) continue;
    const before = name.slice(0, name.length - first.length);
    if (prefix === undefined || before.length < prefix.length) prefix = before;
  }
  return prefix ?? "";
}
