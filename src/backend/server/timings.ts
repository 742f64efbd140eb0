import type { Timings } from "../../generation/request";
import type { ServerUsage } from "./protocols/protocol";

/** When an answer came, in milliseconds of one clock. */
export interface AnswerTimes {
  readonly asked: number;
  /** Undefined when no text came. */
  readonly firstText: number | undefined;
  readonly ended: number;
}

/** The timings of an answer. What the server does not report of its work is not known to be network or engine. */
export interface ServerTimings extends Timings {
  /** What is left of the total without the server's work; undefined where the server does not report that. */
  readonly networkMs?: number;
}

/**
 * Timings from the clock and from what the server reports. Where it does not, the time to the first text counts as prefill and the rest as
 * decoding.
 * @param pieces of the answer, which stand for its tokens where the server does not count them
 */
export function serverTimings(
  { asked, firstText, ended }: AnswerTimes,
  usage: ServerUsage,
  pieces: number,
): ServerTimings {
  const totalMs = ended - asked;
  const firstTokenMs = (firstText ?? ended) - asked;
  const { prefillMs = firstTokenMs, decodeMs = totalMs - firstTokenMs } = usage;
  const isReported = usage.prefillMs !== undefined && usage.decodeMs !== undefined;
  return {
    ...{ queueMs: 0, tokenizeMs: 0, prefillMs, decodeMs, firstTokenMs, totalMs },
    promptTokens: usage.promptTokens ?? 0,
    cachedTokens: usage.cachedTokens ?? 0,
    newTokens: usage.newTokens ?? pieces,
    ...{ draftedTokens: 0, acceptedTokens: 0 },
    ...(isReported && { networkMs: Math.max(0, totalMs - prefillMs - decodeMs) }),
  };
}
