import { ModelFileError } from "../formats/errors";

/** What a setting such as `gpt2.model` names. */
export type ModelReference =
  | { readonly kind: "bundled" }
  | { readonly kind: "uri"; readonly uri: string }
  | { readonly kind: "absolute"; readonly path: string }
  | { readonly kind: "relative"; readonly path: string };

/** What a message about a model says that a person can do, by the setting that names the model. */
export const remedies = {
  model: "Choose another one with “GPT-2: Select Model…”.",
  draftModel: "Name another one in the setting gpt2.draftModel, or leave that empty.",
} as const;

/** A setting that names a model. */
export type ModelSetting = keyof typeof remedies;

/**
 * Reads the value of `gpt2.model`: empty, a path (absolute, below `~`, or relative to the workspace), or a URI; or that of `gpt2.draftModel`,
 * where it is not empty.
 * @param home the person's home folder, or undefined where there is none (in a browser).
 * @param remedy what to do when the path cannot be used
 * @throws ModelFileError when the path begins with `~` and there is no home folder.
 */
export function parseModelSetting(
  value: string,
  home: string | undefined,
  remedy: string = remedies.model,
): ModelReference {
  const text = value.trim();
  if (text === "") return { kind: "bundled" };
  // Two letters at least: "C:\models" is a path.
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return { kind: "uri", uri: text };
  if (/^~($|[\\/])/.test(text)) {
    if (home === undefined) {
      throw new ModelFileError(`The model “${text}” lies in a home folder, which this window does not have. ${remedy}`);
    }
    return { kind: "absolute", path: home + text.slice(1) };
  }
  if (/^([\\/]|[a-z]:[\\/])/i.test(text)) return { kind: "absolute", path: text };
  return { kind: "relative", path: text };
}
