import type { ProcessorFactory } from "./processor";

/** Frequency and presence penalties, over the generated tokens. */
export const frequencyPresence: ProcessorFactory = ({ frequencyPenalty = 0, presencePenalty = 0 }) => {
  if (frequencyPenalty === 0 && presencePenalty === 0) return undefined;
  return (logits, { tokens, promptLength }) => {
    const counts = new Map<number, number>();
    for (let i = promptLength; i < tokens.length; i++) {
      const token = tokens[i] as number;
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    for (const [token, count] of counts) {
      logits[token] = (logits[token] ?? 0) - count * frequencyPenalty - presencePenalty;
    }
  };
};
