import type { Branches, CacheSlot, LanguageModel } from "../../gpt2/languageModel";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import { prefill } from "../decoding/prefill";
import { completionPrompt } from "../prompt/completionPrompt";
import { HealingConstraint } from "../prompt/tokenHealing";
import type { CompletionRequest } from "../request";
import { logSumExp, logSumExpOf } from "./logProbabilities";
import { tokenEnds } from "./tokenEnds";

/** Lines that may follow a cursor, to be scored by the model. */
export interface ScoreRequest extends Pick<CompletionRequest, "prompt" | "maxTokens" | "healing" | "adapter"> {
  /** Each the text up to the end of its line, without the line break. */
  readonly lines: readonly string[];
}

/** What the model thinks of a line. Probabilities are natural logarithms. */
export interface LineScore {
  /** Of each token of the text, the first one given what healing has rolled back. Empty for a line that does not fit the context. */
  readonly tokens: readonly number[];
  /** Where each token ends in the text, in UTF-16 units (see {@link tokenEnds}); undefined where that is not known. */
  readonly ends?: readonly number[];
  /** That the line ends after the text. */
  readonly end: number;
}

/**
 * The model's log-probability of each line, all of them in one step (as many as the model takes in a step) after a prompt that is
 * computed once. @returns nothing when the request was cancelled
 */
export async function scoreLines(
  context: GenerationContext,
  { lines, ...request }: ScoreRequest,
  control: RequestControl,
): Promise<readonly LineScore[]> {
  const { model, tokenizer } = context;
  const { kept, rolledBack } = completionPrompt(context, request);
  const typed = tokenizer.decode(rolledBack);
  const sequences = lines.map((line) => tokenizer.encode(typed + line));
  using slot = await model.acquire(kept);
  const first = control.signal.aborted ? undefined : (await prefill(context, slot, kept, control))?.slice();
  if (!first) return [];
  await control.pause();
  if (control.signal.aborted) return [];
  const allowed = new HealingConstraint(rolledBack, tokenizer).apply(first);
  const scorer = new SequenceScorer(
    tokenizer,
    sequences,
    allowed,
    (logits) => model.logSumExp?.(logits) ?? logSumExp(logits),
  );
  const room = model.config.contextLength - slot.tokens.length;
  const fitting = scorer.steps.filter(({ sequence }) => (sequences[sequence]?.length ?? 0) <= room);
  if (model.branch) {
    using branches = model.branch(slot, sequences.length);
    await runTogether(branches, fitting, scorer);
  } else {
    await runInTurn(model, slot, fitting, scorer);
  }
  return scorer.scores.map((score, i) => {
    const ends = tokenEnds(sequences[i] ?? [], tokenizer, typed, lines[i] ?? "");
    return score.tokens.length > 0 && ends ? { ...score, ends } : score;
  });
}

/** A token of one of the sequences, to be run so that the next token's logits are known. */
interface ScoreStep {
  readonly sequence: number;
  readonly index: number;
  readonly token: number;
}

async function runTogether(branches: Branches, steps: readonly ScoreStep[], scorer: SequenceScorer): Promise<void> {
  for (let start = 0; start < steps.length; start += branches.maxRows) {
    const part = steps.slice(start, start + branches.maxRows);
    const logits = await branches.forward(part.map(({ sequence, token }) => ({ branch: sequence, token })));
    const vocabSize = logits.length / part.length;
    part.forEach((step, row) => scorer.record(step, logits.subarray(row * vocabSize, (row + 1) * vocabSize)));
  }
}

async function runInTurn(
  model: LanguageModel,
  slot: CacheSlot,
  steps: readonly ScoreStep[],
  scorer: SequenceScorer,
): Promise<void> {
  const { length } = slot.tokens;
  const { vocabSize } = model.config;
  for (const sequence of new Set(steps.map((step) => step.sequence))) {
    const part = steps.filter((step) => step.sequence === sequence);
    model.rewind(slot, length);
    const tokens = part.map(({ token }) => token);
    const logits = await model.forward(slot, tokens, tokens.length);
    part.forEach((step, row) => scorer.record(step, logits.subarray(row * vocabSize, (row + 1) * vocabSize)));
  }
  model.rewind(slot, length);
}

class SequenceScorer {
  readonly steps: readonly ScoreStep[];
  readonly #sequences: readonly (readonly number[])[];
  readonly #tokens: number[][];
  readonly #ends: number[];
  readonly #lineEnds: readonly number[];

  readonly #logSumExp: (logits: Float32Array) => number;

  /**
   * @param first `[V]`, the logits of the first tokens, -Infinity for those that contradict what healing has rolled back
   * @param logSumExpOfRow of logits `[V]` that the model has just returned
   */
  constructor(
    tokenizer: Tokenizer,
    sequences: readonly (readonly number[])[],
    first: Float32Array,
    logSumExpOfRow: (logits: Float32Array) => number,
  ) {
    this.#sequences = sequences;
    this.#logSumExp = logSumExpOfRow;
    this.steps = sequences.flatMap((tokens, sequence) => tokens.map((token, index) => ({ sequence, index, token })));
    this.#lineEnds = [...tokenizer.tokensStartingWith(new TextEncoder().encode("\n")), tokenizer.endOfText];
    const total = logSumExp(first);
    const end = logSumExpOf(first, this.#lineEnds) - total;
    this.#tokens = sequences.map(([token]) => (token === undefined ? [] : [(first[token] ?? -Infinity) - total]));
    this.#ends = sequences.map(() => end);
  }

  /** @param logits `[V]`, after the step's token */
  record({ sequence, index }: ScoreStep, logits: Float32Array): void {
    const total = this.#logSumExp(logits);
    const next = this.#sequences[sequence]?.[index + 1];
    if (next === undefined) this.#ends[sequence] = logSumExpOf(logits, this.#lineEnds) - total;
    else this.#tokens[sequence]?.push((logits[next] ?? -Infinity) - total);
  }

  /** Of sequences that were not run to their end there are no tokens. */
  get scores(): readonly LineScore[] {
    return this.#sequences.map(({ length }, sequence) => {
      const tokens = this.#tokens[sequence] ?? [];
      return { tokens: tokens.length === length ? tokens : [], end: this.#ends[sequence] ?? -Infinity };
    });
  }
}
