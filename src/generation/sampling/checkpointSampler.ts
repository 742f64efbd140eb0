import type { CheckpointSampler } from "../../gpt2/verification/checkpoints/evidence";
import { distribution } from "./distribution";
import { sampler } from "./sampler";

/** The sampler that completions use, as the checkpoints look at it. */
export const checkpointSampler: CheckpointSampler = {
  greedy: sampler({ temperature: 0, topK: 0, topP: 1, seed: 0 }),
  probabilities: (logits, temperature) => distribution(logits, { temperature, topK: 0, topP: 1 }).probabilities,
};
