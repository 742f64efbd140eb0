/** Endings of the files that weights are read from. */
const weights = /\.(gguf|safetensors)$/i;

/** Files that describe the weights in their folder: the config, the tokenizer, and values to check the model against. */
const companions =
  /^(config|tokenizer|tokenizer_config|vocab|special_tokens_map|model\.safetensors\.index|checkpoints)\.json$|^merges\.txt$/;

/** Whether a file by this name can hold the weights of a model. */
export function isWeightsFile(name: string): boolean {
  return weights.test(name);
}

/** The files of a folder that belong to the model in it, or to the weights file `only`. Empty without weights. */
export function modelFileNames(names: readonly string[], only?: string): readonly string[] {
  const wanted = names.filter((name) => (only === undefined ? isWeightsFile(name) : name === only));
  return wanted.length === 0 ? [] : [...wanted, ...names.filter((name) => companions.test(name))];
}

/** The recent models, the newest first, without duplicates, `limit` at most. */
export function withRecent(recent: readonly string[], newest: string, limit = 5): string[] {
  return [newest, ...recent.filter((path) => path !== newest)].slice(0, limit);
}
