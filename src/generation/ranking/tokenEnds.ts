import { tokenStream } from "../../tokenizer/tokenStream";
import type { Tokenizer } from "../../tokenizer/tokenizer";

/**
 * Where each token of `typed + text` ends in `text`, in UTF-16 units; not positive for a token that ends in `typed`. A character that spans
 * tokens belongs to its last one. Undefined for a vocabulary that normalizes text, so that its tokens spell something else.
 */
export function tokenEnds(
  tokens: readonly number[],
  tokenizer: Tokenizer,
  typed: string,
  text: string,
): number[] | undefined {
  const stream = tokenStream(tokenizer);
  let written = "";
  const ends = tokens.map((token) => (written += stream.push(token)).length - typed.length);
  return written === typed + text ? ends : undefined;
}
