import type { ProcessorFactory } from "./processor";

/** Adds a bias to the logits of some tokens. */
export const logitBias: ProcessorFactory = ({ logitBias: biases = [] }) => {
  if (biases.length === 0) return undefined;
  return (logits) => {
    for (const { token, bias } of biases) logits[token] = (logits[token] ?? 0) + bias;
  };
};
