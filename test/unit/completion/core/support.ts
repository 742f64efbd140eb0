import { cursorBetween, type Cursor, type DocumentFacts } from "../../../../src/completion/core/cursor";

/** The cursor at `|` in a text. */
export function cursorIn(textWithBar: string, facts: Partial<DocumentFacts> = {}): Cursor {
  const bar = textWithBar.indexOf("|");
  if (bar < 0) throw new Error("The text has no cursor.");
  return cursorBetween(textWithBar.slice(0, bar), textWithBar.slice(bar + 1), {
    document: "file:///src/a.ts",
    path: "src/a.ts",
    languageId: "typescript",
    indentation: { insertSpaces: true, tabSize: 2 },
    ...facts,
  });
}
