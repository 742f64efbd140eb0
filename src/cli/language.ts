import type { Indentation } from "../completion/core/cursor";

/** VS Code's language identifiers by file extension, for the languages that completion knows. */
const languages: Readonly<Record<string, string>> = {
  ts: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "typescriptreact",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascriptreact",
  py: "python",
  pyi: "python",
  coffee: "coffeescript",
  ex: "elixir",
  exs: "elixir",
  jl: "julia",
  pl: "perl",
  ps1: "powershell",
  r: "r",
  rb: "ruby",
  sh: "shellscript",
  bash: "shellscript",
  toml: "toml",
  yaml: "yaml",
  yml: "yaml",
  hs: "haskell",
  lua: "lua",
  sql: "sql",
  clj: "clojure",
  tex: "latex",
  css: "css",
  html: "html",
  md: "markdown",
  vue: "vue",
  svelte: "svelte",
  xml: "xml",
};

/** The language identifier of a file, by its name (`Dockerfile`, `Makefile`) or extension; `plaintext` for others. */
export function languageOf(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
  if (name === "dockerfile" || name === "makefile") return name;
  const dot = name.lastIndexOf(".");
  return (dot < 0 ? undefined : languages[name.slice(dot + 1)]) ?? "plaintext";
}

/** The indentation of a text, by its first indented line; four spaces when there is none. */
export function indentationOf(text: string): Indentation {
  const indent = /^(\t| {2,8})(?=[^\s*])/m.exec(text)?.[1] ?? "    ";
  return indent === "\t" ? { insertSpaces: false, tabSize: 4 } : { insertSpaces: true, tabSize: indent.length };
}
