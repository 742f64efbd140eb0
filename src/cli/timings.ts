import type { Timings } from "../generation/request";

/** Timings of one run: of its requests together, and of opening the model. */
export interface RunTimings extends Timings {
  readonly loadMs: number;
}

/** The timings in lines for a person. */
export function describeTimings(timings: RunTimings): string {
  const { loadMs, tokenizeMs, prefillMs, decodeMs, firstTokenMs, totalMs } = timings;
  const { promptTokens, cachedTokens, newTokens, draftedTokens, acceptedTokens } = timings;
  return [
    `load      ${ms(loadMs)}`,
    `tokenize  ${ms(tokenizeMs)}`,
    `prefill   ${ms(prefillMs)}  ${promptTokens} tokens, ${cachedTokens} of them cached`,
    `first     ${ms(firstTokenMs)}`,
    `decode    ${ms(decodeMs)}  ${newTokens} tokens${rateOf(timings)}`,
    `drafts    ${draftedTokens} tokens, ${acceptedTokens} of them accepted`,
    `total     ${ms(totalMs)}`,
    "",
  ].join("\n");
}

/** The rate of decoding in parentheses, empty when nothing was decoded. */
export function rateOf({ newTokens, decodeMs }: Pick<Timings, "newTokens" | "decodeMs">): string {
  return decodeMs > 0 ? ` (${((1000 * newTokens) / decodeMs).toFixed(1)} tokens/s)` : "";
}

function ms(value: number): string {
  return `${value.toFixed(1).padStart(9)} ms`;
}
