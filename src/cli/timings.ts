import type { Timings } from "../generation/request";

/** Timings of one run: of its requests together, and of opening the model. */
export interface RunTimings extends Timings {
  readonly loadMs: number;
}

/** The timings in lines for a person. */
export function describeTimings(timings: RunTimings): string {
  const { loadMs, tokenizeMs, prefillMs, decodeMs, firstTokenMs, totalMs } = timings;
  const { promptTokens, cachedTokens, newTokens, draftedTokens, acceptedTokens } = timings;
  const rate = decodeMs > 0 ? ` (${((1000 * newTokens) / decodeMs).toFixed(1)} tokens/s)` : "";
  return [
    `load      ${ms(loadMs)}`,
    `tokenize  ${ms(tokenizeMs)}`,
    `prefill   ${ms(prefillMs)}  ${promptTokens} tokens, ${cachedTokens} of them cached`,
    `first     ${ms(firstTokenMs)}`,
    `decode    ${ms(decodeMs)}  ${newTokens} tokens${rate}`,
    `drafts    ${draftedTokens} tokens, ${acceptedTokens} of them accepted`,
    `total     ${ms(totalMs)}`,
    "",
  ].join("\n");
}

function ms(value: number): string {
  return `${value.toFixed(1).padStart(9)} ms`;
}
