/** How a document is indented. */
export interface Indentation {
  readonly insertSpaces: boolean;
  readonly tabSize: number;
}

/** What a completion needs to know about a document. */
export interface DocumentFacts {
  /** Identifies the document: its URI. */
  readonly document: string;
  /** Path relative to the workspace, with forward slashes. */
  readonly path: string;
  readonly languageId: string;
  readonly indentation: Indentation;
}

/** The position that a completion is for, as plain data. Texts have `\n` line ends whatever the document has. */
export interface Cursor extends DocumentFacts {
  /** Text before the cursor, from the window's start on (see `textWindow`). */
  readonly before: string;
  /** Text after the cursor, up to the window's end. */
  readonly after: string;
  /** The cursor's line up to the cursor. */
  readonly linePrefix: string;
  /** The cursor's line from the cursor on. */
  readonly lineRest: string;
  /** What follows the cursor's line, beginning with its line end; empty on the last line. */
  readonly below: string;
}

/** The cursor between two texts of a document. */
export function cursorBetween(before: string, after: string, facts: DocumentFacts): Cursor {
  const lineStart = before.lastIndexOf("\n") + 1;
  const lineEnd = after.indexOf("\n");
  const end = lineEnd < 0 ? after.length : lineEnd;
  return {
    ...facts,
    before,
    after,
    linePrefix: before.slice(lineStart),
    lineRest: after.slice(0, end),
    below: after.slice(end),
  };
}

const onlyClosers = /^\s*(?:[)>}\]"'`]|<\/[\w.:-]*>)*\s*[:{;,]?\s*$/;

/**
 * Whether the rest of a line only closes the code before it, as in `)`, `"})`, `) {` or `</b>`: mostly brackets and tags that the editor
 * inserted by itself. The model does not see those; what it writes is fitted to them afterwards (see `fit`).
 */
export function isClosing(lineRest: string): boolean {
  return onlyClosers.test(lineRest);
}

/** The whitespace that a line begins with. */
export function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}
