import type { CacheSlot, LanguageModel, LikeliestToken } from "../../gpt2/languageModel";
import { checkLikeliest } from "../sampling/finite";
import type { Sampler } from "../sampling/sampler";

/** The next token is one of those with the largest logits, and nothing else of the logits is needed. */
export interface LikeliestRule {
  /** How many there are to choose from; the only one is chosen. */
  readonly count: number;
  /** Tokens that are not chosen. */
  readonly excluded: readonly number[];
  /** How many tokens may follow it. */
  readonly following: number;
}

/** How tokens are chosen. */
export interface TokenChoice {
  /** From the logits `[V]` of one position. */
  readonly choose: Sampler;
  /** The rule for the next token, if it is that simple. */
  readonly likeliest?: () => LikeliestRule | undefined;
}

/** A step to run after the tokens of a slot. */
export interface ChosenStep {
  readonly slot: CacheSlot;
  readonly tokens: readonly number[];
  /** After how many of the last tokens a token is chosen. */
  readonly rows: number;
  /** Steps that the model may begin before this one's token is known, see `LanguageModel.forwardLikeliest`. */
  readonly ahead: number;
}

/** Whether a model chooses the next token itself, so that it can begin steps ahead. */
export function choosesItself(model: LanguageModel, { likeliest }: TokenChoice): LikeliestRule | undefined {
  return model.forwardLikeliest ? likeliest?.() : undefined;
}

/**
 * Runs a step. @returns chooses the token of a row, one row after the other
 * @throws LogitsError
 */
export async function runStep(
  model: LanguageModel,
  choice: TokenChoice,
  { slot, tokens, rows, ahead }: ChosenStep,
): Promise<(row: number) => number> {
  const rule = choosesItself(model, choice);
  const { vocabSize } = model.config;
  if (rule && model.forwardLikeliest) {
    const { count, excluded } = rule;
    const chosen = await model.forwardLikeliest(slot, tokens, { rows, count, excluded, ahead });
    if (count === 1) return (row) => checkLikeliest(chosen[row]?.[0]);
    return (row) => choice.choose(logitsOf(chosen[row] ?? [], vocabSize));
  }
  const logits = await model.forward(slot, tokens, rows);
  return (row) => choice.choose(logits.subarray(row * vocabSize, (row + 1) * vocabSize));
}

/** Logits `[V]` of which only some are known: the others are ruled out. */
function logitsOf(known: readonly LikeliestToken[], vocabSize: number): Float32Array {
  const logits = new Float32Array(vocabSize).fill(-Infinity);
  for (const { token, logit } of known) logits[token] = logit;
  return logits;
}
