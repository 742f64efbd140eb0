import type { Cursor } from "../cursor";

/**
 * Brings a model's text into the document's form: `\n` line ends, tabs or spaces as the editor sets them, no second space behind
 * one that is there. Done before anything is remembered, so that the text stays a prefix of what is in the document once accepted.
 */
export function normalise(text: string, { linePrefix, indentation }: Cursor): string {
  const lines = text.replaceAll(/\r\n?/g, "\n").split("\n");
  const [first = "", ...others] = lines;
  const indented = others.map((line) => reindent(line, indentation));
  if (linePrefix.trim() === "") return [reindent(first, indentation), ...indented].join("\n");
  return [/\s$/.test(linePrefix) ? first.trimStart() : first, ...indented].join("\n");
}

function reindent(line: string, { insertSpaces, tabSize }: Cursor["indentation"]): string {
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  const own = " ".repeat(tabSize);
  const fitting = insertSpaces ? indent.replaceAll("\t", own) : indent.replaceAll(own, "\t");
  return fitting + line.slice(indent.length);
}
