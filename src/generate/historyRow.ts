import type { HistoryEntry } from "./history";
import type { HistoryRow } from "./protocol";

/** UTF-16 units of a prompt and of a text that a row of the history shows. */
const shown = 80;

/** An entry of the history as a row: the end of its prompt and the beginning of its first text. */
export function historyRow({ id, at, model, form, texts }: HistoryEntry): HistoryRow {
  const text = texts[0] ?? "";
  return { id, at, model, prompt: form.prompt.slice(-shown), text: text.slice(0, shown), texts: texts.length };
}
