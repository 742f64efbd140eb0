import type { LanguageModel } from "../../gpt2/languageModel";
import type { RequestControl } from "../context";
import { prefill } from "../decoding/decode";
import { longestDraft } from "./drafting";
import { type DraftWindow, draftWindow, type DraftWindowSize } from "./draftWindow";
import { PrefillPace } from "../decoding/prefillChunkSizer";
import { likeliest } from "../sampling/likeliest";

/** Tokens of a new window, and those at which it is given up. Those before say little about the next token, and each must be read. */
const freshWindow = 128;
const longestWindow = 512;

/** A token that the draft model takes for the next one, and the probability that it gives to it. */
export interface ModelGuess {
  readonly token: number;
  readonly confidence: number;
  /** Tokens that the model read for it: one, but for the first guess. */
  readonly read: number;
  /** Milliseconds of its last step. */
  readonly ms: number;
}

export interface DraftModelOptions {
  /** Ids from here on are not drafted, and a text with one is not read: one of the models does not know them. */
  readonly vocabSize: number;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  /** Is told, once, that the model failed. There are no drafts of it then. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * A smaller model with the same vocabulary that guesses how a text goes on. It reads the end of the text only, and keeps what it has read
 * from draft to draft: what was guessed wrong is forgotten when it is asked again.
 */
export class DraftModel {
  readonly #pace = new PrefillPace();
  readonly #size: DraftWindowSize;
  #window: DraftWindow | undefined;
  #failed = false;

  constructor(
    readonly model: LanguageModel,
    private readonly options: DraftModelOptions,
  ) {
    const { contextLength } = model.config;
    const longest = Math.max(1, Math.min(contextLength, longestWindow) - longestDraft);
    this.#size = { fresh: Math.min(freshWindow, Math.ceil(longest / 2)), longest };
  }

  /**
   * The likeliest continuation of a text, token by token; each is computed when it is asked for. It ends when the request is cancelled,
   * when the model's context is full, or when the model fails.
   */
  async *continuation(sequence: readonly number[], control: RequestControl): AsyncGenerator<ModelGuess, void> {
    if (this.#failed) return;
    const { model } = this;
    const { vocabSize, now } = this.options;
    const window = draftWindow(sequence, this.#window, this.#size);
    if (window.tokens.some((token) => token >= vocabSize)) return;
    this.#window = window;
    const slot = await model.acquire(window.tokens);
    let read = window.tokens.length - slot.tokens.length;
    try {
      if (!(await prefill({ model, pace: this.#pace, now }, slot, window.tokens, control))) return;
      let next = window.tokens.slice(slot.tokens.length);
      while (slot.tokens.length + next.length <= model.config.contextLength) {
        const began = now();
        const logits = await model.forward(slot, next);
        const { token, probability } = likeliest(logits.subarray(0, vocabSize));
        yield { token, confidence: probability, read, ms: now() - began };
        await control.pause();
        if (control.signal.aborted) return;
        next = [token];
        read = 1;
      }
    } catch (error) {
      this.#failed = true;
      this.options.onFailure(error);
    } finally {
      slot[Symbol.dispose]();
    }
  }
}
