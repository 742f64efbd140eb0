import type { LanguageModel } from "../../src/gpt2/languageModel";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";

/** How surprised a model was by a text. */
export interface TextLoss {
  /** The sum of −log₂ p over the text's tokens. */
  readonly bits: number;
  /** UTF-16 units of the text. */
  readonly characters: number;
  readonly tokens: number;
}

/** Rows of logits at a time: a context of them would be hundreds of megabytes. */
const rowsTogether = 32;

/**
 * Reads a text in windows of the model's context, each behind end-of-text and header as in a prompt without suffix, and adds up what
 * the text's tokens (not the header's) cost by the model's logits.
 */
export async function textLoss(
  model: LanguageModel,
  tokenizer: Tokenizer,
  header: string,
  text: string,
): Promise<TextLoss> {
  const head = [tokenizer.endOfText, ...tokenizer.encode(header)];
  const tokens = tokenizer.encode(text);
  const room = model.config.contextLength - head.length;
  let bits = 0;
  for (let start = 0; start < tokens.length; start += room) {
    bits += await windowLoss(model, [...head, ...tokens.slice(start, start + room)], head.length);
  }
  return { bits, characters: text.length, tokens: tokens.length };
}

/** The bits of a window's tokens from `from` on. */
async function windowLoss(model: LanguageModel, window: readonly number[], from: number): Promise<number> {
  const slot = await model.acquire(window);
  let bits = 0;
  try {
    model.rewind(slot, 0);
    if (from > 1) await model.forward(slot, window.slice(0, from - 1), 0);
    // The row of a token has the logits of the next one.
    for (let start = from - 1; start < window.length - 1; start += rowsTogether) {
      const part = window.slice(start, Math.min(start + rowsTogether, window.length - 1));
      const logits = await model.forward(slot, part, part.length);
      const { vocabSize } = model.config;
      for (let row = 0; row < part.length; row++) {
        bits += surprisal(logits.subarray(row * vocabSize, (row + 1) * vocabSize), window[start + row + 1] ?? -1);
      }
    }
  } finally {
    slot[Symbol.dispose]();
  }
  return bits;
}

/** −log₂ of a token's softmax probability. @param logits `[V]` */
export function surprisal(logits: Float32Array, token: number): number {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return (Math.log(sum) + largest - (logits[token] ?? NaN)) / Math.LN2;
}
