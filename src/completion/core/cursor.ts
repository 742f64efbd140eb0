import type { AdapterRule } from "./adapters";
import { fencedBlockAt } from "./fencedBlock";
import type { OtherText } from "./notebook";

/** How a document is indented. */
export interface Indentation {
  readonly insertSpaces: boolean;
  readonly tabSize: number;
}

/** What a completion needs to know about a document. */
export interface DocumentFacts {
  /** Identifies the document: its URI. */
  readonly document: string;
  /** Path relative to the workspace, with forward slashes; empty for a part of a document that is no file of its language. */
  readonly path: string;
  readonly languageId: string;
  readonly indentation: Indentation;
  /** The text around a notebook's cell or a fenced code block in Markdown. Both stand alone: their brackets close within them. */
  readonly around?: OtherText;
  /** The LoRA adapters for documents where this one is, by language. */
  readonly adapters?: readonly AdapterRule[];
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

/** The cursor between two texts of a document. In a fenced block of Markdown, it is one in code of the block's language. */
export function cursorBetween(before: string, after: string, facts: DocumentFacts): Cursor {
  const block = facts.languageId === "markdown" && !facts.around ? fencedBlockAt(before, after) : undefined;
  if (!block) return cursorIn(before, after, facts);
  const { languageId, around } = block;
  return cursorIn(block.before, block.after, { ...facts, languageId, around, path: "" });
}

function cursorIn(before: string, after: string, facts: DocumentFacts): Cursor {
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

/** All text before the cursor, also that outside of its cell or fenced block. */
export function allBefore({ before, around }: Cursor): string {
  return around ? around.above + before : before;
}

/** All text after the cursor, also that outside of its cell or fenced block. */
export function allAfter({ after, around }: Cursor): string {
  return around ? after + around.below : after;
}

/** All text below the cursor's line, also that outside of its cell or fenced block. */
export function allBelow({ below, around }: Cursor): string {
  return around ? below + around.below : below;
}

/** For a text without white space at its ends: with it, the expression would try all ways to share out thousands of blanks. */
const onlyClosers = /^(?:[)>}\]"'`]|<\/[\w.:-]*>)*\s*[:{;,]?$/;

/**
 * Whether the rest of a line only closes the code before it, as in `)`, `"})`, `) {` or `</b>`: mostly brackets and tags that the editor
 * inserted by itself. The model does not see those; what it writes is fitted to them afterwards (see `fit`).
 */
export function isClosing(lineRest: string): boolean {
  return onlyClosers.test(lineRest.trim());
}

/** The whitespace that a line begins with. */
export function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}
