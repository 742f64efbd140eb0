/** An entry of the setting `gpt2.adapters`: a LoRA adapter, and where it is used. */
export interface AdapterRule {
  /** A path or URI, as `gpt2.model` takes them. It is also the adapter's name in requests. */
  readonly path: string;
  /** Language identifiers; every language unless given. */
  readonly languages?: readonly string[];
  /** Absolute, or relative to the workspace folder; everywhere unless given. */
  readonly folders?: readonly string[];
}

/** Where a document is, with any slashes. */
export interface DocumentPath {
  readonly absolute: string;
  /** To its workspace folder; undefined outside of one. */
  readonly relative: string | undefined;
}

/** The entries of the setting that make sense, in their order. */
export function adapterRules(setting: unknown): readonly AdapterRule[] {
  if (!Array.isArray(setting)) return [];
  return setting.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return [];
    const { path, languages, folders } = entry as Readonly<Record<string, unknown>>;
    if (typeof path !== "string" || path.trim() === "") return [];
    return [
      {
        path: path.trim(),
        ...(isTexts(languages) && { languages }),
        ...(isTexts(folders) && { folders }),
      },
    ];
  });
}

/** The rules for documents of any language at this path. */
export function rulesForPath(rules: readonly AdapterRule[], path: DocumentPath): readonly AdapterRule[] {
  return rules.filter(({ folders }) => folders?.some((folder) => isIn(folder, path)) ?? true);
}

/** The adapter of the first rule for a language; undefined when none is. */
export function adapterFor(rules: readonly AdapterRule[], languageId: string): string | undefined {
  return rules.find(({ languages }) => languages?.includes(languageId) ?? true)?.path;
}

function isIn(folder: string, { absolute, relative }: DocumentPath): boolean {
  const wanted = parts(folder);
  const isAbsolute = /^([\\/]|[a-z]:[\\/])/i.test(folder);
  const path = isAbsolute ? absolute : relative;
  if (path === undefined) return false;
  const steps = parts(path);
  return steps.length > wanted.length && wanted.every((part, i) => part === steps[i]);
}

function parts(path: string): string[] {
  return (
    path
      .trim()
      // The editor writes the drive in lower case.
      .replace(/^[A-Z]:/, (drive) => drive.toLowerCase())
      .split(/[\\/]/)
      .filter((part) => part !== "" && part !== ".")
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
