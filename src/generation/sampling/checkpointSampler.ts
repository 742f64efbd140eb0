import type { CheckpointSampler } from "../../gpt2/verification/checkpoints/evidence";
import { argmax } from "./largest";
import { distribution } from "./processors/registry";

/** The sampler that completions use, as the checkpoints look at it. */
export const checkpointSampler: CheckpointSampler = {
  greedy: argmax,
  probabilities: (logits, temperature) => distribution(logits, { temperature, topK: 0 }, []).probabilities,
};
