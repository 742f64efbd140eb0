import { allBelow } from "../cursor";
import type { Filter } from "./insertionContext";

/** Stops before a line that is the document's next one: the text has reached what is already there. */
export const stopAtNextLine: Filter = (text, { cursor }) => {
  const next = allBelow(cursor)
    .split("\n")
    .find((line) => line.trim() !== "");
  if (next === undefined) return text;
  const lines = (cursor.linePrefix + text).split("\n");
  const end = lines.findIndex((line) => line.trimEnd() === next.trimEnd());
  if (end < 0) return text;
  return lines.slice(0, end).join("\n").slice(cursor.linePrefix.length);
};
