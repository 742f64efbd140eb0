import type { Timings } from "./request";

/** The times and tokens of several requests together; the first text is the first one's. */
export function sumTimings(timings: readonly Timings[]): Timings {
  const sum = (key: keyof Timings) => timings.reduce((total, timing) => total + timing[key], 0);
  return {
    queueMs: sum("queueMs"),
    tokenizeMs: sum("tokenizeMs"),
    prefillMs: sum("prefillMs"),
    decodeMs: sum("decodeMs"),
    firstTokenMs: timings[0]?.firstTokenMs ?? 0,
    totalMs: sum("totalMs"),
    promptTokens: sum("promptTokens"),
    cachedTokens: sum("cachedTokens"),
    newTokens: sum("newTokens"),
    draftedTokens: sum("draftedTokens"),
    acceptedTokens: sum("acceptedTokens"),
  };
}
