import type { GenerationResult } from "../../../generation/request";
import type { Cursor } from "../cursor";
import { isProse } from "../languages";
import { withoutDanglingEnd } from "./danglingEnd";
import { normalize } from "./normalize";

/**
 * The part of a model's answer that can be suggested, in the document's form (see {@link normalize}). A text that ended because it was
 * long enough is cut back to where a person could stop. Done before anything is remembered, so that the text stays a prefix of what is in
 * the document once it is accepted.
 */
export function modelText({ text, finish }: Pick<GenerationResult, "text" | "finish">, cursor: Cursor): string {
  const normalized = normalize(text, cursor);
  return finish === "length" || finish === "context" ? withoutUnfinishedEnd(normalized, cursor) : normalized;
}

/** Ends a text after its last whole line; within its only line, before the last word, which may be cut, and what asks for it. */
function withoutUnfinishedEnd(text: string, { languageId }: Cursor): string {
  const lineEnd = text.lastIndexOf("\n");
  const lines = text.slice(0, Math.max(0, lineEnd));
  if (lines.trim() !== "") return lines;
  const last = text.slice(lineEnd + 1);
  const kept = isProse(languageId)
    ? last.replace(/\s+\S*$/, "")
    : withoutDanglingEnd(last.replace(/[\p{L}\p{M}\p{N}_]+$/u, ""));
  return text.slice(0, lineEnd + 1) + kept;
}
