import { commonPrefix } from "../../gpt2/kvCache/cachePool";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { type CompletionPrompt, completionPrompt } from "../prompt/completionPrompt";
import { likeliest, nextLogits } from "./candidates";
import type { GenerationContext, RequestControl } from "../context";
import { prefill } from "../decoding/decode";
import { InputError } from "../errors";
import { Expectations } from "./expectations";
import type { InspectedPosition, InspectedRequest, PromptInspection, PromptSegment, TokenCandidate } from "./requests";

/** Tokens whose logits are computed and looked at between two pauses: a keystroke does not wait for more. */
const rowsAtOnce = 4;

/**
 * Shows the prompts of one model as the model reads them. What it said of the tokens of the last prompt is remembered, so that while a
 * person types only the new tokens are looked at.
 */
export class PromptInspector {
  /** Of the last prompt's tokens, as many as were looked at. */
  #tokens: readonly number[] = [];
  readonly #expectations: Expectations;

  constructor(private readonly context: GenerationContext) {
    this.#expectations = new Expectations(context.model.config.contextLength);
  }

  /** The tokens of a prompt, with how the model took each of them; no tokens when the request was cancelled. */
  async inspect(request: InspectedRequest, control: RequestControl): Promise<PromptInspection> {
    const { tokenizer, model } = this.context;
    const prompt = completionPrompt(this.context, request);
    const looked = await this.#lookAt(prompt.tokens, control);
    const segments = segmentsOf(prompt, tokenizer);
    const { contextLength } = model.config;
    if (!looked) return { tokens: [], windowStart: 0, contextLength };
    const tokens = prompt.tokens.map((token, i) => ({
      token,
      text: tokenizer.decode([token]),
      segment: segments[i] ?? "prefix",
      expectation: i === 0 ? undefined : this.#expectations.at(i),
    }));
    return { tokens, windowStart: windowStartOf(prompt, request.prompt.prefix, segments, tokenizer), contextLength };
  }

  /** What the model expected in the place of a token. */
  async expectedAt(
    request: InspectedPosition & { readonly count: number },
    control: RequestControl,
  ): Promise<readonly TokenCandidate[]> {
    const before = tokensUpTo(this.context, request).slice(0, -1);
    if (before.length === 0) return [];
    const logits = await nextLogits(this.context, before, control);
    return logits ? likeliest(logits, { count: request.count }, this.context.tokenizer) : [];
  }

  /** Finds out how the model takes the tokens. @returns false when the request was cancelled. */
  async #lookAt(tokens: readonly number[], control: RequestControl): Promise<boolean> {
    const { model } = this.context;
    const { vocabSize } = model.config;
    // Of the first token nothing is expected.
    let known = Math.max(1, commonPrefix(tokens, this.#tokens));
    if (known === tokens.length) return true;
    const slot = await model.acquire(tokens, "look");
    try {
      // The logits of a token say what is expected of the next one.
      model.rewind(slot, known - 1);
      if (!(await this.#read(slot, tokens.slice(0, known - 1), control))) return false;
      while (known < tokens.length) {
        const rows = tokens.slice(known - 1, Math.min(known - 1 + rowsAtOnce, tokens.length - 1));
        const logits = await model.forward(slot, rows, rows.length);
        for (let row = 0; row < rows.length; row++, known++) {
          this.#expectations.set(known, logits.subarray(row * vocabSize, (row + 1) * vocabSize), tokens[known] ?? 0);
        }
        this.#tokens = tokens.slice(0, known);
        await control.pause();
        if (control.signal.aborted) return false;
      }
      return true;
    } finally {
      slot[Symbol.dispose]();
    }
  }

  /** Runs what a slot does not hold yet of `tokens`. */
  async #read(slot: Parameters<typeof prefill>[1], tokens: readonly number[], control: RequestControl) {
    if (!(await prefill(this.context, slot, tokens, control))) return false;
    const rest = tokens.slice(slot.tokens.length);
    if (rest.length > 0) await this.context.model.forward(slot, rest, 0);
    return true;
  }
}

/**
 * The tokens that a completion reads from the first to the one at a position.
 * @throws InputError when there is none
 */
export function tokensUpTo(context: GenerationContext, request: InspectedPosition): readonly number[] {
  const { tokens } = completionPrompt(context, request);
  const { position } = request;
  if (!Number.isInteger(position) || position < 0 || position >= tokens.length) {
    throw new InputError(`The prompt has no token ${position}: they go from 0 to ${tokens.length - 1}.`);
  }
  return tokens.slice(0, position + 1);
}

/** Which part of the layout each token is, see `PromptEncoder`. */
function segmentsOf({ tokens, head, kept }: CompletionPrompt, tokenizer: Tokenizer): PromptSegment[] {
  const middle = tokenizer.fim ? tokens.indexOf(tokenizer.fim.middle) : -1;
  return tokens.map((token, i) => {
    if (i >= kept.length) return "takenBack";
    if (i >= head) return "prefix";
    if (tokenizer.isSpecial(token)) return "special";
    return i < middle ? "suffix" : "header";
  });
}

/** UTF-16 units of the prefix that stand before its first token; a token that header and prefix share is the header's. */
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
