import type { CacheSlot, LanguageModel } from "../../../gpt2/languageModel";
import type { RequestControl } from "../../control";
import { prefill } from "../../decoding/prefill";
import { PrefillChunkSizer } from "../../decoding/prefillChunkSizer";
import { likeliest } from "../../sampling/likeliest";
import { maxDraftLength } from "../length";
import { type DraftWindow, draftWindow, type DraftWindowSize } from "./window";

/** Tokens of a new window and of the longest one. Earlier text says little about the next token, and takes time to read. */
const initialWindow = 128;
const maxWindow = 512;

/** A token that the draft model considers the most likely next one. */
export interface DraftToken {
  readonly token: number;
  /** Its probability under the draft model. */
  readonly confidence: number;
  /** How many tokens the model had to run for it: one, except for the first token of a draft. */
  readonly tokensRead: number;
  /** How long computing it took, in ms. */
  readonly ms: number;
}

export interface DraftModelOptions {
  /**
   * The size of the vocabulary that both models share. Token ids beyond it are not drafted, and a text that has one is not drafted for.
   */
  readonly vocabSize: number;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  /** Called once, with the error, if the model fails. It drafts nothing after that. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * A smaller model with the same vocabulary that predicts how a text continues. It reads only the end of the text, and keeps it in its KV
 * cache between drafts: rejected tokens are rolled back by the next draft.
 */
export class DraftModel {
  readonly model: LanguageModel;
  readonly #options: DraftModelOptions;
  readonly #chunkSizer = new PrefillChunkSizer();
  readonly #size: DraftWindowSize;
  #window: DraftWindow | undefined;
  #failed = false;

  constructor(model: LanguageModel, options: DraftModelOptions) {
    this.model = model;
    this.#options = options;
    const max = Math.max(1, Math.min(model.config.contextLength, maxWindow) - maxDraftLength);
    this.#size = { initial: Math.min(initialWindow, Math.ceil(max / 2)), max };
  }

  /**
   * The most likely continuation of a sequence, token by token; each token is computed when it is requested. It ends when the request is
   * cancelled, when the model's context is full, or when the model fails.
   */
  async *continuation(sequence: readonly number[], control: RequestControl): AsyncGenerator<DraftToken, void> {
    if (this.#failed) return;
    const { vocabSize } = this.#options;
    const window = draftWindow(sequence, this.#window, this.#size);
    if (window.tokens.some((token) => token >= vocabSize)) return;
    this.#window = window;
    using slot = await this.model.acquire(window.tokens);
    try {
      yield* this.#continueIn(slot, window, control);
    } catch (error) {
      this.#failed = true;
      this.#options.onFailure(error);
    }
  }

  async *#continueIn(slot: CacheSlot, window: DraftWindow, control: RequestControl): AsyncGenerator<DraftToken, void> {
    const { model } = this;
    const { vocabSize, now } = this.#options;
    let tokensRead = window.tokens.length - slot.tokens.length;
    let began = now();
    let logits = await prefill({ model, chunkSizer: this.#chunkSizer, now }, slot, window.tokens, control);
    while (logits) {
      const { token, probability } = likeliest(logits.subarray(0, vocabSize));
      yield { token, confidence: probability, tokensRead, ms: now() - began };
      await control.pause();
      if (control.signal.aborted || slot.tokens.length >= model.config.contextLength) return;
      began = now();
      logits = await model.forward(slot, [token]);
      tokensRead = 1;
    }
  }
}
