/** What the page is made of. */
export interface EnginePageParts {
  readonly title: string;
  /** What a person who opens the tab reads there; the first is the heading. */
  readonly paragraphs: readonly string[];
  /** Addresses in the webview: of the script, and of the folder of built files. */
  readonly scriptUri: string;
  readonly distUri: string;
  /** `webview.cspSource`. */
  readonly cspSource: string;
  /** Random, new for each page. */
  readonly nonce: string;
}

/**
 * The page that hosts the engine's worker. Its own script runs, and what that makes of the extension's files: the worker, ONNX Runtime's
 * module (`blob:`) and WebAssembly. Nothing else loads, and nothing is sent anywhere.
 */
export function enginePageHtml({ title, paragraphs, scriptUri, distUri, cspSource, nonce }: EnginePageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' blob: 'wasm-unsafe-eval'`,
    "worker-src blob:",
    `connect-src ${cspSource}`,
  ].join("; ");
  const [heading = title, ...others] = paragraphs.map(escaped);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <title>${escaped(title)}</title>
  </head>
  <body data-dist="${escaped(distUri)}">
    <h2>${heading}</h2>
    ${others.map((text) => `<p>${text}</p>`).join("\n    ")}
    <script nonce="${nonce}" src="${scriptUri}"></script>
  </body>
</html>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
