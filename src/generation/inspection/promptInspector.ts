import { commonPrefix } from "../../gpt2/kvCache/cachePool";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { type CompletionPrompt, completionPrompt } from "../prompt/completionPrompt";
import { topCandidates, nextLogits } from "./candidates";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import { fillCache } from "../decoding/prefill";
import { InputError } from "../errors";
import { PredictionTable } from "./predictionTable";
import type { InspectedPosition, InspectedRequest, PromptInspection, PromptSegment, TokenCandidate } from "./requests";

/** Tokens whose logits are computed and evaluated between two pauses, so that a keystroke does not wait long. */
const rowsAtOnce = 4;

/**
 * Shows the prompts of one model as the model reads them. The results for the last prompt are kept, so that while a person types only
 * the new tokens are evaluated.
 */
export class PromptInspector {
  readonly #context: GenerationContext;
  /** The tokens of the last prompt that were evaluated. */
  #tokens: readonly number[] = [];
  readonly #predictions: PredictionTable;

  constructor(context: GenerationContext) {
    this.#context = context;
    this.#predictions = new PredictionTable(context.contextLength);
  }

  /** The tokens of a prompt, and how well the model predicted each of them. There are no tokens if the request was cancelled. */
  async inspect(request: InspectedRequest, control: RequestControl): Promise<PromptInspection> {
    const { tokenizer, contextLength } = this.#context;
    const prompt = completionPrompt(this.#context, request);
    const completed = await this.#evaluate(prompt.tokens, control);
    const segments = segmentsOf(prompt, tokenizer);
    if (!completed) return { tokens: [], windowStart: 0, contextLength };
    const tokens = prompt.tokens.map((token, i) => ({
      token,
      text: tokenizer.decode([token]),
      segment: segments[i] ?? "prefix",
      prediction: i === 0 ? undefined : this.#predictions.at(i),
    }));
    return { tokens, windowStart: windowStartOf(prompt, request.prompt.prefix, segments, tokenizer), contextLength };
  }

  /** What the model predicted at the position of a token, the most likely first. */
  async expectedAt(
    request: InspectedPosition & { readonly count: number },
    control: RequestControl,
  ): Promise<readonly TokenCandidate[]> {
    const before = tokensUpTo(this.#context, request).slice(0, -1);
    if (before.length === 0) return [];
    const logits = await nextLogits(this.#context, before, control);
    return logits ? topCandidates(logits, { count: request.count }, this.#context.tokenizer) : [];
  }

  /** Evaluates how well the model predicted the tokens. @returns false if the request was cancelled */
  async #evaluate(tokens: readonly number[], control: RequestControl): Promise<boolean> {
    const { model } = this.#context;
    const { vocabSize } = model.config;
    // There is no prediction of the first token.
    let known = Math.max(1, commonPrefix(tokens, this.#tokens));
    if (known === tokens.length) return true;
    using slot = await model.acquire(tokens, "look");
    // The logits of a token predict the next one.
    model.rewind(slot, known - 1);
    if (!(await fillCache(this.#context, slot, tokens.slice(0, known - 1), control))) return false;
    while (known < tokens.length) {
      const rows = tokens.slice(known - 1, Math.min(known - 1 + rowsAtOnce, tokens.length - 1));
      const logits = await model.forward(slot, rows, rows.length);
      for (let row = 0; row < rows.length; row++, known++) {
        this.#predictions.set(known, logits.subarray(row * vocabSize, (row + 1) * vocabSize), tokens[known] ?? 0);
      }
      this.#tokens = tokens.slice(0, known);
      await control.pause();
      if (control.signal.aborted) return false;
    }
    return true;
  }
}

/**
 * The tokens of a completion's prompt up to a position, inclusive.
 * @throws InputError if the prompt has no such position
 */
export function tokensUpTo(context: GenerationContext, request: InspectedPosition): readonly number[] {
  const { tokens } = completionPrompt(context, request);
  const { position } = request;
  if (!Number.isInteger(position) || position < 0 || position >= tokens.length) {
    throw new InputError(`The prompt has no token ${position}: they go from 0 to ${tokens.length - 1}.`);
  }
  return tokens.slice(0, position + 1);
}

/** Which part of the layout each token belongs to, see `PromptEncoder`. */
function segmentsOf({ tokens, head, kept }: CompletionPrompt, tokenizer: Tokenizer): PromptSegment[] {
  const middle = tokenizer.fim ? tokens.indexOf(tokenizer.fim.middle) : -1;
  return tokens.map((token, i) => {
    if (i >= kept.length) return "rolledBack";
    if (i >= head) return "prefix";
    if (tokenizer.isSpecial(token)) return "special";
    return i < middle ? "suffix" : "header";
  });
}

/** How many UTF-16 units of the prefix come before the window. A token that header and prefix share counts as the header's. */
function windowStartOf(
  { tokens, head }: CompletionPrompt,
  prefix: string,
  segments: readonly PromptSegment[],
  tokenizer: Tokenizer,
): number {
  const unitsFrom = (start: number) => {
    const bytes = Uint8Array.from(tokens.slice(start).flatMap((token) => [...tokenizer.bytes(token)]));
    // The window may begin inside a character.
    const whole = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
    return whole < 0 ? 0 : new TextDecoder().decode(bytes.subarray(whole)).length;
  };
  const missing = prefix.length - unitsFrom(head);
  const lastOfHeader = segments.lastIndexOf("header");
  const shared = lastOfHeader < 0 ? 0 : unitsFrom(lastOfHeader) - unitsFrom(head);
  return missing <= shared ? 0 : missing;
}
