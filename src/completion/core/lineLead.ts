/** What a line begins with. */
export interface Lead {
  /** Spaces and tabs. */
  readonly indent: number;
  /** Where its white space ends. */
  readonly end: number;
}

const visible = /\S/g;

/** What the line that starts at an index of a text begins with. */
export function leadAt(text: string, lineStart: number): Lead {
  let index = lineStart;
  while (text[index] === " " || text[index] === "\t") index++;
  visible.lastIndex = index;
  return { indent: index - lineStart, end: visible.exec(text)?.index ?? text.length };
}
