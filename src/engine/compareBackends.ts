import { InputError } from "../generation/errors";
import { type BackendComparison, compareModels } from "../gpt2/verification/compareModels";
import { tokenizerFor } from "../tokenizer/tokenizerFor";
import { checkpointTokens } from "./checkModel";
import type { TappedModelWithWeights } from "./openModel";
import type { CheckpointsRequest } from "./protocol";

/** Code, so that several positions are predictable and others are not. */
const defaultPrompt = "export function add(a: number, b: number): number {\n  return a + b;\n}\n";

/**
 * Runs the same tokens on two copies of a model, which were opened on different backends, and compares the tensors inside them.
 * @param pause called between the passes, so that more urgent work can go first
 * @throws InputError when the prompt does not fit the model
 */
export async function compareBackends(
  one: TappedModelWithWeights,
  other: TappedModelWithWeights,
  { prompt = defaultPrompt, tokens }: CheckpointsRequest,
  pause: () => Promise<void>,
): Promise<BackendComparison> {
  const { config, vocabulary } = one.weights;
  const ids = checkpointTokens({ prompt, ...(tokens && { tokens }) }, tokenizerFor(config, vocabulary), config);
  if (ids.length < 2) throw new InputError("Comparing backends needs a prompt of at least two tokens.");
  const name = ({ model: { info } }: TappedModelWithWeights) => `${info.backend} (${info.precision})`;
  return { backends: [name(one), name(other)], ...(await compareModels(one.model, other.model, ids, pause)) };
}
