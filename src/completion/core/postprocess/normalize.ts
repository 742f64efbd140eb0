import { indentOf, type Cursor } from "../cursor";
import { isProse } from "../languages";

/** What no text has: what is decoded from half a character, and control characters. */
const unprintable = /\uFFFD|(?![\t\n\f\r])\p{Cc}/u;

/**
 * Brings a model's text into the document's form: `\n` line ends, tabs or spaces as the editor sets them, no second space after one that
 * is there, no indentation on top of the editor's own. The text ends before a character that did not arrive whole.
 */
export function normalize(text: string, cursor: Cursor): string {
  const { linePrefix, indentation } = cursor;
  const end = text.search(unprintable);
  const lines = (end < 0 ? text : text.slice(0, end)).replaceAll(/\r\n?/g, "\n").split("\n");
  const [first = "", ...others] = lines;
  const indented = others.map((line) => reindent(line, indentation));
  if (linePrefix.trim() === "") return [firstIndentation(reindent(first, indentation), cursor), ...indented].join("\n");
  return [/\s$/.test(linePrefix) ? withoutListMarker(first.trimStart(), cursor) : first, ...indented].join("\n");
}

/** After the marker of a list item, a text that begins with one has it already. */
function withoutListMarker(line: string, { linePrefix, languageId }: Cursor): string {
  const isItem = isProse(languageId) && /^\s*(?:[-*+]|\d+[.)])\s+$/.test(linePrefix);
  return isItem ? line.replace(/^(?:[-*+]|\d+[.)])\s+/, "") : line;
}

/** A line with tabs or spaces at its beginning as the editor sets them. */
export function reindent(line: string, { insertSpaces, tabSize }: Cursor["indentation"]): string {
  const indent = indentOf(line);
  const own = " ".repeat(tabSize);
  const fitting = insertSpaces ? indent.replaceAll("\t", own) : indent.replaceAll(own, "\t");
  return fitting + line.slice(indent.length);
}

/**
 * The first line of a text for a line that the editor has indented: Enter goes one level deeper by itself, and half a level is the model's
 * error, except before the star of a documentation comment.
 */
function firstIndentation(line: string, { before, linePrefix, indentation }: Cursor): string {
  const indent = indentOf(line);
  const code = line.slice(indent.length);
  if (linePrefix === "" || indent === "" || code === "" || code.startsWith("*")) return line;
  const above = before.slice(0, before.length - linePrefix.length).trimEnd();
  const depth = columns(linePrefix, indentation);
  if (above !== "" && depth > columns(indentOf(above.slice(above.lastIndexOf("\n") + 1)), indentation)) return code;
  const tooMany =
    indentation.insertSpaces && depth % indentation.tabSize === 0 ? indent.length % indentation.tabSize : 0;
  return indent.slice(tooMany) + code;
}

function columns(indent: string, { tabSize }: Cursor["indentation"]): number {
  let column = 0;
  for (const character of indent) column += character === "\t" ? tabSize - (column % tabSize) : 1;
  return column;
}
