import type { Tokenizer } from "../../tokenizer/tokenizer";
import { mostLikeliest } from "../../gpt2/languageModel";
import { InputError } from "../errors";
import { fimTokens, maskFimTokens } from "../prompt/completionPrompt";
import type { PromptTokens } from "../prompt/layout";
import { HealingConstraint } from "../prompt/tokenHealing";
import type { Alternative, FinishReason, SamplingOptions, StopOptions } from "../request";
import type { CompiledConstraint, ConstrainedText } from "../sampling/constraints/compiled";
import { type ChosenToken, describeChoice } from "../sampling/logProbabilities";
import { type Sampler, sampler, likeliestCount } from "../sampling/sampler";
import type { LikeliestRule } from "./nextTokens";
import type { StopCondition } from "./stops";
import { StopStrings } from "./stopStrings";

/** How the tokens of a text are chosen, and when it is done. */
export interface TextRules {
  readonly prompt: PromptTokens;
  /** Tokens that healing rolled back from the end of the prompt: the text begins with their bytes. */
  readonly rolledBack: readonly number[];
  /** The end of the prompt's tokens, if it is a part of the text that was generated before. */
  readonly written?: readonly number[];
  readonly sampling: SamplingOptions;
  /** The maximum number of tokens, not counting those that repeat what was rolled back. */
  readonly maxTokens: number;
  readonly doneAt?: StopCondition;
  readonly stops?: StopOptions;
  /** Whether the time for the text is up. */
  readonly isLate?: () => boolean;
  /** What the text must match. */
  readonly constraint?: CompiledConstraint;
  /** How many alternatives to describe for each token; none of its log probability either unless given. */
  readonly logProbabilities?: number;
}

/** A text that grows token by token until it is done, has its maximum length, or the model ends it. */
export class TextWriter {
  readonly tokens: number[] = [];
  finish: FinishReason = "length";
  readonly #tokenizer: Tokenizer;
  readonly #rules: TextRules;
  readonly #healing: HealingConstraint;
  readonly #sample: Sampler;
  readonly #likeliestCount: number | undefined;
  readonly #written: readonly number[];
  readonly #limit: number;
  readonly #stopStrings: StopStrings;
  readonly #constrained: ConstrainedText | undefined;
  readonly #choices: ChosenToken[] = [];
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #text = "";
  #keep: number | undefined;
  #choice: ChosenToken | undefined;

  constructor(tokenizer: Tokenizer, rules: TextRules) {
    this.#tokenizer = tokenizer;
    this.#rules = rules;
    this.#healing = new HealingConstraint(rules.rolledBack, tokenizer);
    const written = (this.#written = rules.written ?? []);
    const prompt = rules.prompt.tokens.slice(0, Math.max(0, rules.prompt.tokens.length - written.length));
    this.#sample = sampler(rules.sampling, { prompt, written, vocabulary: tokenizer });
    const needsAll = rules.constraint !== undefined || rules.logProbabilities !== undefined;
    this.#likeliestCount = needsAll ? undefined : likeliestCount(rules.sampling);
    this.#limit = rules.maxTokens + rules.rolledBack.length + written.length;
    this.#stopStrings = new StopStrings(rules.stops?.strings ?? []);
    this.#constrained = rules.constraint?.start();
    for (const token of written) this.#takeOver(token);
  }

  /** The token that was accepted last, where log probabilities are asked for. */
  get lastChoice(): ChosenToken | undefined {
    return this.#choices.at(-1);
  }

  /** How many tokens the text got. */
  get newTokens(): number {
    return this.tokens.length - this.#written.length;
  }

  /** What can be shown of the text so far, never less than before: no incomplete character, and nothing that may turn out to be a stop string. */
  get text(): string {
    return this.#text.slice(0, this.#keep ?? this.#stopStrings.safeLength(this.#text));
  }

  /** How many more tokens the text may get. */
  get remaining(): number {
    return this.#limit - this.tokens.length;
  }

  /** Undefined while more than a few of the largest logits matter for the next token. */
  get likeliest(): LikeliestRule | undefined {
    const count = this.#likeliestCount;
    if (count === undefined || count > mostLikeliest || !this.#healing.isOver) return undefined;
    return { count, excluded: fimTokens(this.#tokenizer), following: this.remaining - 1 };
  }

  /** Chooses the next token. @param logits `[V]`, modified */
  choose(logits: Float32Array): number {
    const { logProbabilities: described } = this.#rules;
    const unfiltered = described === undefined ? undefined : logits.slice();
    maskFimTokens(logits, this.#tokenizer);
    this.#constrained?.apply(logits, this.remaining);
    const token = this.#sample(this.#healing.apply(logits));
    this.#choice = unfiltered && describeChoice(unfiltered, token, described ?? 0, this.#tokenizer);
    return token;
  }

  /** Appends a token. @returns whether the text goes on */
  accept(token: number): boolean {
    const ended = this.#endedBy(token);
    if (ended) {
      this.finish = ended;
      return false;
    }
    const before = this.#text.length;
    this.tokens.push(token);
    const grown = this.#decoder.decode(this.#healing.accept(token), { stream: true });
    if (this.#choice) this.#choices.push({ ...this.#choice, text: grown });
    this.#text += grown;
    this.#constrained?.accept(token);
    this.#keep = this.#stopStrings.cutAt(this.#text, before) ?? this.#rules.doneAt?.(this.#text, this.tokens);
    if (this.#keep !== undefined || this.#constrained?.isComplete) this.finish = "stop";
    else if (this.remaining > 0 && this.#rules.isLate?.()) this.finish = "time";
    return this.finish === "length" && this.remaining > 0;
  }

  /** Ends the text, without an incomplete character at its end. */
  end(): Alternative {
    const { tokens, finish } = this;
    const text = this.#text.slice(0, this.#keep);
    return { text, tokens, finish, ...(this.#rules.logProbabilities !== undefined && { choices: this.#choices }) };
  }

  /** Appends a token that was generated before. Stops that are complete in such tokens do not end the text. */
  #takeOver(token: number): void {
    if (this.#constrained?.allows(token) === false) {
      throw new InputError("The text cannot go on from there: what it must match does not allow this token.");
    }
    this.#constrained?.accept(token);
    this.tokens.push(token);
    this.#text += this.#decoder.decode(this.#tokenizer.bytes(token), { stream: true });
  }

  #endedBy(token: number): FinishReason | undefined {
    const { stops, constraint } = this.#rules;
    if (stops?.tokens?.includes(token)) return "stop";
    if (!this.#tokenizer.isSpecial(token)) return undefined;
    const isWritten = token === this.#tokenizer.endOfText && stops?.endOfText === "write" && !constraint;
    return isWritten ? undefined : "endOfText";
  }
}
