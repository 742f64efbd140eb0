import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import { nextWindow } from "../prompt/contextEnd";
import type { ContextEnd, ForAdapter } from "../request";
import { logSumExp } from "../sampling/logProbabilities";

export interface TextLossRequest extends ForAdapter {
  /** What comes before the text in each window, and does not count. */
  readonly header?: string;
  readonly text: string;
  /** Reads the text as Generate would write it: in windows that overlap as after the end of the context. By default they do not. */
  readonly contextEnd?: Exclude<ContextEnd, "stop">;
}

/** How well a model predicts a text. */
export interface TextLoss {
  /** The sum of −ln p over the text's tokens. */
  readonly nats: number;
  readonly tokens: number;
  /** UTF-16 units. */
  readonly characters: number;
  /** In UTF-8. */
  readonly bytes: number;
}

export interface TextLossControl extends Pick<RequestControl, "signal" | "pause"> {
  /** Receives the fraction of the text that was read, 0 to 1. */
  readonly onShare?: (share: number) => void;
}

/** Rows of logits at a time: a context of them would be hundreds of megabytes. */
const rowsTogether = 32;
/** Tokens that are only context are read without logits. */
const contextTogether = 128;

/**
 * Reads a text in windows of the context, each after an end of text and the header as in a prompt without suffix, and adds up the
 * negative log probabilities of its tokens.
 * @returns undefined if the request was cancelled
 */
export async function textLoss(
  context: Pick<GenerationContext, "model" | "tokenizer" | "contextLength">,
  { header = "", text, contextEnd }: TextLossRequest,
  control: TextLossControl,
): Promise<TextLoss | undefined> {
  const { tokenizer, contextLength } = context;
  const head = [tokenizer.startOfText ?? tokenizer.endOfText, ...tokenizer.encode(header)];
  const tokens = tokenizer.encode(text);
  let nats = 0;
  let read = 0;
  for (let window = head; read < tokens.length;) {
    control.onShare?.(read / tokens.length);
    const next = tokens.slice(read, read + Math.max(1, contextLength - window.length));
    const sequence = [...window, ...next];
    const loss = await windowLoss(context, sequence, window.length, control);
    if (loss === undefined) return undefined;
    nats += loss;
    read += next.length;
    window = contextEnd === undefined ? head : [...nextWindow(sequence, head.length, contextEnd, context)];
  }
  return { nats, tokens: tokens.length, characters: text.length, bytes: new TextEncoder().encode(text).length };
}

/** The loss of a window's tokens from `from` on. */
async function windowLoss(
  { model }: Pick<GenerationContext, "model">,
  window: readonly number[],
  from: number,
  { pause, signal }: TextLossControl,
): Promise<number | undefined> {
  const { vocabSize } = model.config;
  using slot = await model.acquire(window);
  model.rewind(slot, 0);
  let nats = 0;
  for (let start = 0; start < from - 1; start += contextTogether) {
    await model.forward(slot, window.slice(start, Math.min(start + contextTogether, from - 1)), 0);
    await pause();
    if (signal.aborted) return undefined;
  }
  // The row of a token has the logits of the next one.
  for (let start = from - 1; start < window.length - 1; start += rowsTogether) {
    if (signal.aborted) return undefined;
    const part = window.slice(start, Math.min(start + rowsTogether, window.length - 1));
    const logits = await model.forward(slot, part, part.length);
    for (let row = 0; row < part.length; row++) {
      nats += negativeLogProbability(
        logits.subarray(row * vocabSize, (row + 1) * vocabSize),
        window[start + row + 1] ?? -1,
      );
    }
    await pause();
  }
  return nats;
}

/** −ln of a token's softmax probability. @param logits `[V]` */
export function negativeLogProbability(logits: Float32Array, token: number): number {
  return logSumExp(logits) - (logits[token] ?? NaN);
}
