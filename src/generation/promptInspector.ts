import { commonPrefix } from "../gpt2/cachePool";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { type CompletionPrompt, completionPrompt } from "./completionPrompt";
import { likeliest, nextLogits } from "./candidates";
import type { GenerationContext, RequestControl } from "./context";
import { prefill } from "./decode";
import { InputError } from "./errors";
import type {
  Expectation,
  InspectedPosition,
  InspectedRequest,
  PromptInspection,
  PromptSegment,
  TokenCandidate,
} from "./inspection";

/** Tokens whose logits are computed at once. */
const rowsAtOnce = 8;

/**
 * Shows the prompts of one model as the model reads them. What it said of the tokens of the last prompt is remembered, so that while a
 * person types only the new tokens are looked at.
 */
export class PromptInspector {
  /** Of the last prompt's tokens, as many as were looked at. */
  #tokens: readonly number[] = [];
  #expectations: readonly (Expectation | undefined)[] = [];

  constructor(private readonly context: GenerationContext) {}

  /** The tokens of a prompt, with how the model took each of them; no tokens when the request was cancelled. */
  async inspect(request: InspectedRequest, control: RequestControl): Promise<PromptInspection> {
    const { tokenizer, model } = this.context;
    const prompt = completionPrompt(this.context, request);
    const expectations = await this.#expect(prompt.tokens, control);
    const segments = segmentsOf(prompt, tokenizer);
    const { contextLength } = model.config;
    if (!expectations) return { tokens: [], windowStart: 0, contextLength };
    const tokens = prompt.tokens.map((token, i) => ({
      token,
      text: tokenizer.decode([token]),
      segment: segments[i] ?? "prefix",
      expectation: expectations[i],
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

  async #expect(
    tokens: readonly number[],
    control: RequestControl,
  ): Promise<readonly (Expectation | undefined)[] | undefined> {
    const { model } = this.context;
    const known = commonPrefix(tokens, this.#tokens);
    const expectations = known > 0 ? this.#expectations.slice(0, known) : [undefined];
    // Asking only for what is known leaves alone what is cached behind it for completions, if it is much.
    const slot = model.acquire(tokens.slice(0, expectations.length));
    const { vocabSize } = model.config;
    try {
      // The logits of a token say what is expected of the next one.
      if (!(await this.#read(slot, tokens.slice(0, expectations.length - 1), control))) return undefined;
      while (expectations.length < tokens.length) {
        const from = slot.tokens.length;
        const rows = tokens.slice(from, Math.min(from + rowsAtOnce, tokens.length - 1));
        const logits = await model.forward(slot, rows, rows.length);
        for (let row = 0; row < rows.length; row++) {
          const token = tokens[from + row + 1] ?? 0;
          expectations.push(expectationOf(logits.subarray(row * vocabSize, (row + 1) * vocabSize), token));
        }
        this.#tokens = tokens.slice(0, expectations.length);
        this.#expectations = expectations;
        await control.pause();
        if (control.signal.aborted) return undefined;
      }
      return expectations;
    } finally {
      model.release(slot);
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

/** How a model that gave these logits `[V]` takes a token. */
export function expectationOf(logits: Float32Array, token: number): Expectation {
  const own = logits[token] ?? -Infinity;
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  let rank = 1;
  let sum = 0;
  let weighted = 0;
  for (let other = 0; other < logits.length; other++) {
    const logit = logits[other] as number;
    if (logit > own || (logit === own && other < token)) rank++;
    const power = Math.exp(logit - largest);
    sum += power;
    weighted += power * (logit - largest);
  }
  // p = exp(logit − largest) / sum, so −ln p = ln sum − (logit − largest), and the entropy is the mean of that.
  const surprise = (Math.log(sum) - (own - largest)) / Math.LN2;
  const entropy = (Math.log(sum) - weighted / sum) / Math.LN2;
  return { surprise, entropy, rank };
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
