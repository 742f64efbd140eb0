import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { ContextEnd } from "../request";
import { moveWindow } from "./layout";

/** First tokens of a text that stay when the window rotates, as in StreamingLLM (Xiao et al. 2023). */
const sinks = 4;

/**
 * The window in which a text goes on that has reached the end of the context. All of it must be prefilled again, sinks or not: GPT-2's
 * keys and values hold learned absolute positions, so they cannot be kept for tokens that change their place.
 * @param head tokens at the start of the sequence that stay in any case
 * @param contextLength positions of the model
 */
export function nextWindow(
  sequence: readonly number[],
  head: number,
  contextEnd: Exclude<ContextEnd, "stop">,
  { tokenizer, contextLength }: { readonly tokenizer: Tokenizer; readonly contextLength: number },
): readonly number[] {
  const capacity = contextLength - 1;
  if (contextEnd === "move") return moveWindow(sequence, head, tokenizer, capacity);
  const kept = Math.min(head + sinks, Math.floor(capacity / 2));
  const recent = capacity - kept - Math.floor((capacity - kept) / 4);
  return sequence.length <= capacity ? sequence : [...sequence.slice(0, kept), ...sequence.slice(-recent)];
}
