import { extensionOf, lineComment } from "./languages";
import { textWindow } from "./textWindow";

/** A cell of a notebook: its source, never its outputs. */
export interface Cell {
  readonly kind: "code" | "markup";
  readonly languageId: string;
  /** With `\n` line ends. */
  readonly text: string;
}

/** Text of the same file that is read in the prompt, and where nothing of the cursor's own text is opened or closed. */
export interface OtherText {
  /** Ends with a line break, unless it is empty. */
  readonly above: string;
  /** Begins with a line break, unless it is empty. */
  readonly below: string;
}

/** What a long text in Markdown adds to a prompt is cut: its first lines say what the code is about. */
const longestMarkdown = 12;
/** A longer line of Markdown is an embedded image or a table. */
const longestMarkdownLine = 300;
/** IPython's cell magics whose cells are still Python. */
const pythonMagic = /^%%(?:time|timeit|capture|prun)\b.*\n?/;

/**
 * The cells around a cell of a notebook, in the notebook's order:
 * - for a code cell, the code cells of its language, and the Markdown cells above as comments: they often say what comes next;
 * - for a Markdown cell, the other Markdown cells.
 *
 * Cells of other languages are left out, also those that a magic such as `%%bash` hands over to another program.
 * @param offset of the cursor in its cell, in UTF-16 units
 */
export function otherCells(cells: readonly Cell[], index: number, offset: number): OtherText {
  const own = cells[index];
  if (!own || isForeign(own.text)) return { above: "", below: "" };
  const above = cells.slice(0, index).map((cell) => textFor(own, cell));
  const below = cells.slice(index + 1).map((cell) => (cell.kind === own.kind ? textFor(own, cell) : ""));
  return window(
    {
      above: above.filter(isVisible).map(withBlankLine).join(""),
      below: below.filter(isVisible).map(afterBlankLine).join(""),
    },
    offset,
  );
}

/** The path of a cell in a prompt: that of the notebook, with its language's file extension, by which models know the language. */
export function cellPath(notebookPath: string, languageId: string): string {
  return notebookPath.replace(/\.[^./]+$/, `.${extensionOf(languageId)}`);
}

/** Cells of a notebook as a model reads them in another cell of it. */
function textFor(reader: Cell, cell: Cell): string {
  if (cell.kind === "markup") return reader.kind === "markup" ? cell.text : commented(cell.text, reader.languageId);
  if (reader.kind === "markup" || cell.languageId !== reader.languageId || isForeign(cell.text)) return "";
  return cell.text.replace(pythonMagic, "");
}

function commented(markdown: string, languageId: string): string {
  const lines = markdown.split("\n").filter((line) => line.trim() !== "" && line.length <= longestMarkdownLine);
  return lines
    .slice(0, longestMarkdown)
    .map((line) => lineComment(line.trimEnd(), languageId))
    .join("\n");
}

function isForeign(text: string): boolean {
  return text.startsWith("%%") && !pythonMagic.test(text);
}

function isVisible(text: string): boolean {
  return text.trim() !== "";
}

function withBlankLine(text: string): string {
  return `${text.trimEnd()}\n\n`;
}

function afterBlankLine(text: string): string {
  return `\n\n${text.trimEnd()}`;
}

/** The part of the cells that is near enough, from a line start that seldom moves, as `textWindow` has it for one document. */
function window({ above, below }: OtherText, offset: number): OtherText {
  const { start, end } = textWindow(above.length + offset);
  const lineStart = start === 0 ? 0 : above.indexOf("\n", start) + 1 || above.length;
  return { above: above.slice(lineStart), below: below.slice(0, end - above.length - offset) };
}
