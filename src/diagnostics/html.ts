/** What a page is made of; addresses are those of the webview. */
export interface PageParts {
  readonly title?: string;
  readonly scriptUri: string;
  readonly styleUris: readonly string[];
  /** `webview.cspSource`. */
  readonly cspSource: string;
  /** Random, new for each page. */
  readonly nonce: string;
  /** `vscode.l10n.bundle`: translations by their English message. */
  readonly translations?: object | undefined;
}

/** The page of a panel: one script and its style sheets; nothing else may load or run. */
export function pageHtml({
  title = "GPT-2 Diagnostics",
  scriptUri,
  styleUris,
  cspSource,
  nonce,
  translations = {},
}: PageParts): string {
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    ${styleUris.map((uri) => `<link rel="stylesheet" href="${uri}" />`).join("\n    ")}
  </head>
  <body data-l10n="${attribute(JSON.stringify(translations))}">
    <div id="app"></div>
    <script nonce="${nonce}" src="${scriptUri}"></script>
  </body>
</html>`;
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
}

/** 128 random bits as hexadecimal digits. */
export function createNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
