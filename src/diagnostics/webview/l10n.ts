/** Translations by their English message, as `vscode.l10n.bundle` has them; the host puts them into the page. */
type Bundle = Readonly<Record<string, string | { readonly message: string } | undefined>>;

/** The page, where there is one: unit tests run without. */
const { document } = globalThis as {
  readonly document?: { readonly body: { readonly dataset: Readonly<Record<string, string | undefined>> } };
};
const bundle = JSON.parse(document?.body.dataset["l10n"] ?? "{}") as Bundle;

/** What `vscode.l10n` is to the extension. */
export const l10n = {
  /** Translates a message and fills in its placeholders `{0}`, `{1}`, …. */
  t(message: string, ...args: readonly (string | number)[]): string {
    const entry = bundle[message];
    const translated = typeof entry === "string" ? entry : (entry?.message ?? message);
    return translated.replace(/\{(\d+)\}/g, (placeholder, index: string) => String(args[Number(index)] ?? placeholder));
  },
};
