/** What completion must know of a language. */
interface Language {
  /** What stands before and after a comment's text. */
  readonly comment: readonly [open: string, close: string];
  /** Ending for documents without a name. */
  readonly extension?: string;
  /** Lines that open a block, beside those that end in `{`. */
  readonly blockStart?: RegExp;
  /** Whether `/` begins a regular expression where a value is expected. */
  readonly regex?: true;
}

const slashes = ["// ", ""] as const;
const hash = ["# ", ""] as const;
const dashes = ["-- ", ""] as const;
const markup = ["<!-- ", " -->"] as const;

const languages: Readonly<Record<string, Language>> = {
  typescript: { comment: slashes, extension: "ts", regex: true },
  typescriptreact: { comment: slashes, extension: "tsx", regex: true },
  javascript: { comment: slashes, extension: "js", regex: true },
  javascriptreact: { comment: slashes, extension: "jsx", regex: true },
  python: { comment: hash, extension: "py", blockStart: /:$/ },
  coffeescript: { comment: hash, blockStart: /[-=]>$/ },
  dockerfile: { comment: hash },
  elixir: { comment: hash, blockStart: /\bdo$/ },
  julia: { comment: hash, blockStart: /^\s*(function|if|else|elseif|for|while|struct|module)\b/ },
  makefile: { comment: hash },
  perl: { comment: hash },
  powershell: { comment: hash },
  r: { comment: hash },
  ruby: { comment: hash, blockStart: /\b(do|then|else|begin)$|^\s*(def|class|module|if|unless|while)\b/ },
  shellscript: { comment: hash, blockStart: /\b(do|then|else)$/ },
  toml: { comment: hash },
  yaml: { comment: hash, blockStart: /:$/ },
  haskell: { comment: dashes },
  lua: { comment: dashes, blockStart: /\b(do|then|else)$|\bfunction\b.*\)$/ },
  sql: { comment: dashes },
  clojure: { comment: [";; ", ""] },
  latex: { comment: ["% ", ""] },
  css: { comment: ["/* ", " */"] },
  html: { comment: markup },
  markdown: { comment: markup },
  vue: { comment: markup },
  svelte: { comment: markup },
  xml: { comment: markup },
};

/** A comment line with the path, as the bundled model has seen it at the start of files. */
export function pathComment(path: string, languageId: string): string {
  const [open, close] = languages[languageId]?.comment ?? slashes;
  return `${open}${path}${close}\n`;
}

/** A path for a document that was not saved yet; the ending tells the model the language. */
export function untitledPath(languageId: string): string {
  return `untitled.${languages[languageId]?.extension ?? languageId}`;
}

/** Whether a line opens a block that the next lines are inside of. */
export function opensBlock(line: string, languageId: string): boolean {
  const code = line.trimEnd();
  return /(^|[^$])\{$/.test(code) || (languages[languageId]?.blockStart?.test(code) ?? false);
}

/** Whether `/` begins a regular expression where a value is expected. */
export function hasRegexLiterals(languageId: string): boolean {
  return languages[languageId]?.regex ?? false;
}

/** What begins a comment that ends with its line. */
export function lineCommentStart(languageId: string): string | undefined {
  const [open, close] = languages[languageId]?.comment ?? slashes;
  return close === "" ? open.trimEnd() : undefined;
}
