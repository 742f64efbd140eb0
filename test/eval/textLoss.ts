import { textLoss as generationTextLoss } from "../../src/generation/inspection/textLoss";
import type { LanguageModel } from "../../src/gpt2/languageModel";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";

/** How well a model predicts a text. */
export interface TextLoss {
  /** The sum of −log₂ p over the text's tokens. */
  readonly bits: number;
  /** UTF-16 units of the text. */
  readonly characters: number;
  readonly tokens: number;
}

/** The loss of a text in bits, with all of the model's context and the header before each window. */
export async function textLoss(
  model: LanguageModel,
  tokenizer: Tokenizer,
  header: string,
  text: string,
): Promise<TextLoss> {
  const context = { model, tokenizer, contextLength: model.config.contextLength };
  const control = { signal: { aborted: false }, pause: () => Promise.resolve() };
  const loss = await generationTextLoss(context, { header, text }, control);
  return { bits: (loss?.nats ?? NaN) / Math.LN2, characters: text.length, tokens: loss?.tokens ?? 0 };
}
