/** Translates a message and fills in its placeholders `{0}`, `{1}`, …: `vscode.l10n`, or a stand-in for tests. */
export interface Localization {
  t(message: string, ...args: (string | number)[]): string;
}
