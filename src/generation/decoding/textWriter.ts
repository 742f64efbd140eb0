import type { Tokenizer } from "../../tokenizer/tokenizer";
import { ByteText } from "./byteText";
import { forbidLayout } from "../prompt/completionPrompt";
import type { PromptTokens } from "../prompt/layout";
import { HealingConstraint } from "../prompt/tokenHealing";
import type { GenerationResult, SamplingOptions } from "../request";
import { type Chooser, sampler } from "../sampling/sampler";

/** How a text is chosen, and when it is done. */
export interface TextRules {
  readonly prompt: PromptTokens;
  /** Tokens that healing took off the prompt: the text begins by repeating their bytes. */
  readonly takenBack: readonly number[];
  readonly sampling: SamplingOptions;
  /** Tokens at most, besides those that repeat what was taken back. */
  readonly maxTokens: number;
  /** How much of the text to keep when it is done; undefined while it goes on. */
  readonly doneAt: (text: string, tokens: readonly number[]) => number | undefined;
}

/** A text that grows by tokens until it is done, long enough, or at the model's end of text. */
export class TextWriter {
  readonly tokens: number[] = [];
  finish: GenerationResult["finish"] = "length";
  readonly #healing: HealingConstraint;
  readonly #sample: Chooser;
  readonly #text = new ByteText();
  readonly #limit: number;
  #keep: number | undefined;

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly rules: TextRules,
  ) {
    this.#healing = new HealingConstraint(rules.takenBack, tokenizer);
    this.#sample = sampler(rules.sampling, { prompt: rules.prompt.tokens, vocabulary: tokenizer });
    this.#limit = rules.maxTokens + rules.takenBack.length;
  }

  /** The text so far. */
  get text(): string {
    return this.#text.value;
  }

  /** Tokens that it may still grow by. */
  get room(): number {
    return this.#limit - this.tokens.length;
  }

  /** Chooses the next token. @param logits `[V]`, changed */
  choose(logits: Float32Array): number {
    forbidLayout(logits, this.tokenizer);
    return this.#sample(this.#healing.apply(logits));
  }

  /** Takes the next token. @returns whether the text goes on. */
  accept(token: number): boolean {
    if (this.tokenizer.isSpecial(token)) {
      this.finish = "endOfText";
      return false;
    }
    this.tokens.push(token);
    this.#text.push(this.#healing.accept(token));
    this.#keep = this.rules.doneAt(this.text, this.tokens);
    if (this.#keep !== undefined) this.finish = "stop";
    return this.#keep === undefined && this.room > 0;
  }

  /** The whole text, as far as it is kept. */
  end(): string {
    return this.#text.end().slice(0, this.#keep);
  }
}
