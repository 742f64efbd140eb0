/** What completion needs to know about a language. */
interface Language {
  /** The text before and after a comment. */
  readonly comment: readonly [open: string, close: string];
  /** File extension for documents without a name. */
  readonly extension?: string;
  /** Lines that open a block, besides those that end in `{`. */
  readonly blockStart?: RegExp;
  /** Whether `/` begins a regular expression where a value is expected. */
  readonly regex?: true;
  /** The characters that begin a string; all three quotes unless given. */
  readonly quotes?: string;
  /** Whether a comment begins only after a blank or at the start of a line, as in `${#list}`. */
  readonly commentAfterBlank?: true;
  /** Whether the text is mostly sentences. */
  readonly prose?: true;
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
  python: { comment: hash, extension: "py", blockStart: /:$/, quotes: `"'` },
  coffeescript: { comment: hash, blockStart: /[-=]>$/ },
  dockerfile: { comment: hash, quotes: `"'` },
  elixir: { comment: hash, blockStart: /\bdo$/ },
  julia: { comment: hash, blockStart: /^\s*(function|if|else|elseif|for|while|struct|module)\b/ },
  makefile: { comment: hash, commentAfterBlank: true },
  perl: { comment: hash, commentAfterBlank: true },
  powershell: { comment: hash, quotes: `"'` },
  r: { comment: hash },
  ruby: { comment: hash, blockStart: /\b(do|then|else|begin)$|^\s*(def|class|module|if|unless|while)\b/ },
  shellscript: { comment: hash, blockStart: /\b(do|then|else)$/, commentAfterBlank: true },
  toml: { comment: hash, quotes: `"'` },
  yaml: { comment: hash, blockStart: /:$/, quotes: `"'`, commentAfterBlank: true },
  haskell: { comment: dashes, quotes: '"' },
  lua: { comment: dashes, blockStart: /\b(do|then|else)$|\bfunction\b.*\)$/, quotes: `"'` },
  sql: { comment: dashes },
  clojure: { comment: [";; ", ""], quotes: '"' },
  latex: { comment: ["% ", ""], quotes: "", prose: true },
  css: { comment: ["/* ", " */"], quotes: `"'` },
  html: { comment: markup, quotes: `"'` },
  markdown: { comment: markup, quotes: "", prose: true },
  plaintext: { comment: slashes, quotes: "", prose: true },
  "git-commit": { comment: hash, quotes: "", prose: true },
  scminput: { comment: hash, quotes: "", prose: true },
  restructuredtext: { comment: [".. ", ""], quotes: "", prose: true },
  vue: { comment: markup },
  svelte: { comment: markup },
  xml: { comment: markup, quotes: `"'` },
};

/**
 * Where ghost text is shown unless a person sets it otherwise: the languages that the bundled model was trained on, and programming
 * languages whose lines recur within a workspace. Configuration, data and prose are off.
 */
export const enabledByDefault: Readonly<Record<string, boolean>> = {
  "*": false,
  ...Object.fromEntries(
    [
      ...["typescript", "typescriptreact", "javascript", "javascriptreact", "python", "vue", "svelte"],
      ...["c", "cpp", "csharp", "dart", "go", "java", "kotlin", "lua", "php", "ruby", "rust", "scala", "swift"],
    ].map((languageId) => [languageId, true]),
  ),
};

/**
 * The comment line with the path that stands before a text in a prompt, as the bundled model has seen it at the start of files: without it,
 * a model does not know which language a few lines are in. Prose has none, for a comment is how code begins.
 * @param path empty for a text that is no file
 */
export function promptHeader(path: string, languageId: string): string {
  return path === "" || isProse(languageId) ? "" : pathComment(path, languageId);
}

/** A comment line with a path. */
export function pathComment(path: string, languageId: string): string {
  return `${lineComment(path, languageId)}\n`;
}

/** The extension of a language's files; its identifier where none is known. */
export function extensionOf(languageId: string): string {
  return languages[languageId]?.extension ?? languageId;
}

/** A line as a comment. */
export function lineComment(line: string, languageId: string): string {
  const [open, close] = languages[languageId]?.comment ?? slashes;
  return `${open}${line}${close}`;
}

/** A path for a document that was not saved yet; the file extension tells the model the language. */
export function untitledPath(languageId: string): string {
  return `untitled.${extensionOf(languageId)}`;
}

/** So many characters at the end of a line tell whether it opens a block: some lines have 200,000. */
const longestBlockStart = 1000;

/** Whether a line opens a block that the next lines are inside of. */
export function opensBlock(line: string, languageId: string): boolean {
  const code = line.slice(-longestBlockStart).trimEnd();
  return /(^|[^$])\{$/.test(code) || (languages[languageId]?.blockStart?.test(code) ?? false);
}

/** Whether `/` begins a regular expression where a value is expected. */
export function hasRegexLiterals(languageId: string): boolean {
  return languages[languageId]?.regex ?? false;
}

/** Whether the language has the comments of HTML. */
export function isMarkup(languageId: string): boolean {
  return languages[languageId]?.comment === markup;
}

/** Whether the language's text is mostly sentences. */
export function isProse(languageId: string): boolean {
  return languages[languageId]?.prose ?? false;
}

/** What begins a comment that ends with its line. */
export function lineCommentStart(languageId: string): string | undefined {
  const { comment, prose } = languages[languageId] ?? { comment: slashes };
  const [open, close] = comment;
  return close === "" && prose !== true ? open.trimEnd() : undefined;
}

/**
 * Whether {@link lineCommentStart}, found in code, really begins a comment.
 * @param before the last characters before it
 */
export function opensComment(before: string, languageId: string): boolean {
  return languages[languageId]?.commentAfterBlank !== true || /(?:^|[\s;(])$/.test(before);
}

/** A prefix of a string, such as that of Python's `rb'…'` and Rust's `b'…'`. */
const stringPrefix = /(?:^|[^\p{L}\p{N}_])(?:[bBeEfFlLnNrRuUxX]|[bBfFrRuU][bBfFrR8])$/u;
/** A character or a single-quoted string is never this in Rust: a lifetime. */
const lifetime = /^'[\p{L}_][\p{L}\p{N}_]*(?!['\p{L}\p{N}_])/u;

/**
 * Whether a quote at an index of code begins a string. An apostrophe in a word, as in `don't`, does not; nor does Rust's `'a`.
 * @param before the last characters before it
 */
export function opensString(text: string, index: number, before: string, languageId: string): boolean {
  const character = text.charAt(index);
  if (!(languages[languageId]?.quotes ?? `"'\``).includes(character)) return false;
  if (character !== "'") return true;
  if (languageId === "rust" && lifetime.test(text.slice(index, index + 64))) return false;
  return !/[\p{L}\p{N}_]$/u.test(before) || stringPrefix.test(before);
}

/** Languages in which `;` ends a statement, and what else it may stand in: the code before it up to the bracket around it. */
const semicolons: Readonly<Record<string, RegExp>> = (() => {
  const loop = /\bfor(?:each)?\s*(?:await\s*)?\($/;
  const same = [
    ...["typescript", "typescriptreact", "javascript", "javascriptreact", "go", "php", "c", "csharp", "dart"],
    ...["kotlin", "scala", "swift"],
  ].map((languageId) => [languageId, loop] as const);
  return {
    ...Object.fromEntries(same),
    cpp: /\b(?:for|if|switch|while)\s*(?:constexpr\s*)?\($/,
    java: /\b(?:for|try)\s*\($/,
    // The length of an array, and what macros take.
    rust: /\[$|!\s*\($/,
  };
})();

/** Whether `;` ends a statement. */
export function endsStatements(languageId: string): boolean {
  return Object.hasOwn(semicolons, languageId);
}

/** Whether `;` may stand inside of a bracket, as in the head of a loop. @param before the code up to the bracket, which is its last character */
export function takesSemicolon(before: string, languageId: string): boolean {
  return semicolons[languageId]?.test(before) ?? true;
}
