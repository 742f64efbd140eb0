import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";

/** Pieces of text that are tokenized between two pauses: less than a millisecond of work. */
const piecesAtOnce = 200;

/** Tokenizes the texts of other documents for prompt lookup, with pauses. If it is cancelled, the earlier texts stay in use. */
export async function readOtherTexts(
  { tokenizer, drafters }: Pick<GenerationContext, "tokenizer" | "drafters">,
  texts: readonly string[],
  control: Pick<RequestControl, "signal" | "pause">,
): Promise<undefined> {
  const others: number[][] = [];
  for (const text of texts) {
    const tokens: number[] = [];
    let pieces = 0;
    for (const piece of tokenizer.preTokens(tokenizer.normalize?.(text) ?? text)) {
      for (const token of piece.tokens) tokens.push(token);
      if (++pieces % piecesAtOnce !== 0) continue;
      await control.pause();
      if (control.signal.aborted) return;
    }
    others.push(tokens);
  }
  drafters.setOthers(others);
}
