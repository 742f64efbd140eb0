import type { Tokenizer } from "../../tokenizer/tokenizer";
import { maskFimTokens } from "../prompt/completionPrompt";
import type { PromptTokens } from "../prompt/layout";
import { HealingConstraint } from "../prompt/tokenHealing";
import type { GenerationResult, SamplingOptions } from "../request";
import { type Sampler, sampler } from "../sampling/sampler";
import type { StopCondition } from "./stops";

/** How the tokens of a text are chosen, and when it is done. */
export interface TextRules {
  readonly prompt: PromptTokens;
  /** Tokens that healing rolled back from the end of the prompt: the text begins with their bytes. */
  readonly rolledBack: readonly number[];
  readonly sampling: SamplingOptions;
  /** The maximum number of tokens, not counting those that repeat what was rolled back. */
  readonly maxTokens: number;
  readonly doneAt: StopCondition;
}

/** A text that grows token by token until it is done, has its maximum length, or the model ends it. */
export class TextWriter {
  readonly tokens: number[] = [];
  finish: GenerationResult["finish"] = "length";
  readonly #tokenizer: Tokenizer;
  readonly #rules: TextRules;
  readonly #healing: HealingConstraint;
  readonly #sample: Sampler;
  readonly #limit: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #text = "";
  #keep: number | undefined;

  constructor(tokenizer: Tokenizer, rules: TextRules) {
    this.#tokenizer = tokenizer;
    this.#rules = rules;
    this.#healing = new HealingConstraint(rules.rolledBack, tokenizer);
    this.#sample = sampler(rules.sampling, { prompt: rules.prompt.tokens, vocabulary: tokenizer });
    this.#limit = rules.maxTokens + rules.rolledBack.length;
  }

  /** The text so far, without a character whose bytes are not complete. */
  get text(): string {
    return this.#text;
  }

  /** How many more tokens the text may get. */
  get remaining(): number {
    return this.#limit - this.tokens.length;
  }

  /** Chooses the next token. @param logits `[V]`, modified */
  choose(logits: Float32Array): number {
    maskFimTokens(logits, this.#tokenizer);
    return this.#sample(this.#healing.apply(logits));
  }

  /** Appends a token. @returns whether the text goes on */
  accept(token: number): boolean {
    if (this.#tokenizer.isSpecial(token)) {
      this.finish = "endOfText";
      return false;
    }
    this.tokens.push(token);
    this.#text += this.#decoder.decode(this.#healing.accept(token), { stream: true });
    this.#keep = this.#rules.doneAt(this.#text, this.tokens);
    if (this.#keep !== undefined) this.finish = "stop";
    return this.#keep === undefined && this.remaining > 0;
  }

  /** Ends the text. @returns what is kept of it; bytes of an incomplete character at the end become U+FFFD */
  end(): string {
    this.#text += this.#decoder.decode();
    return this.#text.slice(0, this.#keep);
  }
}
