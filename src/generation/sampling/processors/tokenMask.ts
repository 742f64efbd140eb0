import type { ProcessorFactory } from "./processor";

/** Rules out all tokens but the allowed ones, and the forbidden ones. */
export const tokenMask: ProcessorFactory = ({ allowedTokens, forbiddenTokens = [] }) => {
  if (!allowedTokens && forbiddenTokens.length === 0) return undefined;
  const allowed = allowedTokens && [...new Set(allowedTokens)];
  return (logits) => {
    if (allowed) keepOnly(logits, allowed);
    for (const token of forbiddenTokens) logits[token] = -Infinity;
  };
};

function keepOnly(logits: Float32Array, tokens: readonly number[]): void {
  const kept = tokens.map((token) => logits[token] ?? -Infinity);
  logits.fill(-Infinity);
  for (const [i, token] of tokens.entries()) logits[token] = kept[i] ?? -Infinity;
}
