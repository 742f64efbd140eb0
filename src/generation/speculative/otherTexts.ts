import type { GenerationContext, RequestControl } from "../context";

/** Pieces of text that are turned into tokens at once: less than a millisecond of work. */
const piecesAtOnce = 200;

/** Turns texts into tokens for drafts, with pauses. Cancelled, what was there before stays. */
export async function readOtherTexts(
  { tokenizer, drafts }: Pick<GenerationContext, "tokenizer" | "drafts">,
  texts: readonly string[],
  control: Pick<RequestControl, "signal" | "pause">,
): Promise<undefined> {
  const others: number[][] = [];
  for (const text of texts) {
    const tokens: number[] = [];
    let pieces = 0;
    for (const piece of tokenizer.preTokens(text)) {
      tokens.push(...piece.tokens);
      if (++pieces % piecesAtOnce !== 0) continue;
      await control.pause();
      if (control.signal.aborted) return;
    }
    others.push(tokens);
  }
  drafts.setOthers(others);
}
