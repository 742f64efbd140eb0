import type { ProcessorFactory } from "./processor";

/** The repetition penalty of CTRL (Keskar et al. 2019), over prompt and text. */
export const repetition: ProcessorFactory = ({ repetitionPenalty = 1 }) => {
  if (repetitionPenalty === 1) return undefined;
  return (logits, { tokens }) => {
    for (const token of new Set(tokens)) {
      const logit = logits[token] ?? 0;
      logits[token] = logit < 0 ? logit * repetitionPenalty : logit / repetitionPenalty;
    }
  };
};
