/** What is read of an extension's manifest. */
interface Manifest {
  readonly contributes?: {
    readonly languages?: readonly { readonly id?: unknown; readonly aliases?: unknown }[];
  };
}

/**
 * The name of a language as the editor shows it, such as `TypeScript JSX` for `typescriptreact`.
 * @param manifests the `packageJSON` of all extensions
 * @returns the identifier where no extension names the language
 */
export function languageName(languageId: string, manifests: Iterable<unknown>): string {
  for (const manifest of manifests) {
    for (const { id, aliases } of (manifest as Manifest).contributes?.languages ?? []) {
      const name: unknown = id === languageId && Array.isArray(aliases) ? aliases[0] : undefined;
      if (typeof name === "string" && name !== "") return name;
    }
  }
  return languageId;
}
