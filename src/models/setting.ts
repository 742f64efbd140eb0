/** What a setting such as `gpt2.model` names. */
export type ModelReference =
  | { readonly kind: "bundled" }
  | { readonly kind: "uri"; readonly uri: string }
  | { readonly kind: "absolute"; readonly path: string }
  | { readonly kind: "relative"; readonly path: string }
  /** A path below a home folder that does not exist in this window. */
  | { readonly kind: "homeless"; readonly path: string };

/** A setting that names a model. */
export type ModelSetting = "model" | "draftModel" | "adapters";

/**
 * Parses the value of a setting that names a model: empty, a path (absolute, below `~`, or relative to the workspace), or a URI.
 * @param home the user's home folder, or undefined where there is none (in a browser).
 */
export function parseModelSetting(value: string, home: string | undefined): ModelReference {
  const text = value.trim();
  if (text === "") return { kind: "bundled" };
  // Two letters at least: "C:\\models" is a path.
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return { kind: "uri", uri: text };
  if (/^~($|[\\/])/.test(text)) {
    return home === undefined ? { kind: "homeless", path: text } : { kind: "absolute", path: home + text.slice(1) };
  }
  if (/^([\\/]|[a-z]:[\\/])/i.test(text)) return { kind: "absolute", path: text };
  return { kind: "relative", path: text };
}
