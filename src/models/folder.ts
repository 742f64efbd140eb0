import { ModelFileError } from "../formats/errors";

/** Endings of the files that a model can be read from. */
export const modelEndings = [".gguf", ".safetensors"] as const;

/** Files beside `model.safetensors` that say what it is and how its text is cut into tokens. */
const companions = new Set([
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "vocab.json",
  "merges.txt",
  "special_tokens_map.json",
  "model.safetensors.index.json",
]);

/** How a folder is opened: one GGUF file in it, or the files of a safetensors model together. */
export type FolderLayout =
  { readonly kind: "file"; readonly name: string } | { readonly kind: "files"; readonly names: readonly string[] };

export function isModelFile(name: string): boolean {
  return modelEndings.some((ending) => name.toLowerCase().endsWith(ending));
}

/**
 * Decides what to open in a folder with these file names.
 * @param shown what a message calls the folder.
 * @throws ModelFileError saying what was looked for, when there is no model or more than one.
 */
export function layoutOf(names: readonly string[], shown: string): FolderLayout {
  const ending = (wanted: string) => names.filter((name) => name.toLowerCase().endsWith(wanted));
  if (ending(".safetensors").length > 0 && names.includes("config.json")) {
    return { kind: "files", names: filesOf(names) };
  }
  const ggufs = ending(".gguf");
  const [gguf] = ggufs;
  if (ggufs.length > 1) {
    throw new ModelFileError(
      `The folder “${shown}” holds ${ggufs.length} GGUF files. Choose one of them as the model: ${ggufs.slice(0, 5).join(", ")}.`,
    );
  }
  if (gguf !== undefined) return { kind: "file", name: gguf };
  throw new ModelFileError(
    `There is no model in the folder “${shown}”. It should hold a .gguf file, or config.json and model.safetensors.`,
  );
}

/** The names of those files of a folder that belong to a safetensors model. */
export function filesOf(names: readonly string[]): string[] {
  return names.filter((name) => companions.has(name) || name.toLowerCase().endsWith(".safetensors"));
}

/** The recent models with the newest first, without doubles, `limit` at most. */
export function withRecent(recent: readonly string[], newest: string, limit = 5): string[] {
  return [newest, ...recent.filter((path) => path !== newest)].slice(0, limit);
}
