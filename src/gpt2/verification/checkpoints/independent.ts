import { ModelFileError } from "../../../formats/errors";
import { argmax } from "../../definitions";
import { type PassOptions, Reference } from "../reference";
import type { Gpt2Weights } from "../../weights/weights";
import { type Comparison, compare, vector, worstOf } from "./comparison";
import type { Tensor } from "../../taps";

/** The file beside a model's weights that holds {@link IndependentValues}. */
export const independentFile = "checkpoints.json";

/** What another implementation computes in float64 from a model's weights as they are in its file. */
export interface IndependentValues {
  /** What computed them. */
  readonly source: string;
  /** The prompt. */
  readonly tokens: readonly number[];
  /** The tokens that follow it greedily. The decode step is that of the first one. */
  readonly continuation: readonly number[];
  readonly tensors: readonly SampledTensor[];
}

/** A tensor by its name in `tap`, at evenly spread places. */
interface SampledTensor {
  readonly checkpoint: number;
  readonly pass: "prefill" | "step";
  readonly name: string;
  readonly shape: readonly number[];
  /** The numbers at the flat indices ⌊i · (size − 1) / (count − 1)⌋, rounded to 12 digits. */
  readonly values: readonly number[];
}

/** Values, and the weights that they belong to. */
export interface Independent {
  readonly values: IndependentValues;
  readonly weights: Gpt2Weights;
}

/** What is left between two implementations in float64, and by rounding to 12 digits. */
const tolerance = 1e-9;

/** Reads {@link independentFile}. @throws ModelFileError when it is something else */
export function parseIndependent(json: string): IndependentValues {
  try {
    const values = JSON.parse(json) as IndependentValues;
    if (values.tokens.length > 0 && values.continuation.length > 0 && values.tensors.length > 0) return values;
  } catch {
    // The message is the same.
  }
  throw new ModelFileError(`${independentFile} beside the model is damaged. Copy it again or remove it.`);
}

/** Compares the reference with another implementation: a part for each checkpoint, the worst of its tensors. */
export async function compareIndependent(
  { values, weights }: Independent,
  watch: Pick<PassOptions, "signal" | "onBlock" | "pause">,
): Promise<readonly { readonly checkpoint: number; readonly part: Comparison }[]> {
  const { source, tensors } = values;
  const reference = new Reference(weights);
  const taps = tensors.map(({ name }) => name);
  const prefill = await reference.forward(reference.start(), values.tokens, { ...watch, taps });
  const vocabSize = weights.config.vocabSize;
  const continuation = [argmax(prefill.logits.subarray(-vocabSize))];
  const step = await reference.forward(prefill.past, continuation, { ...watch, taps });
  let pass = step;
  while (continuation.length < values.continuation.length) {
    const next = [argmax(pass.logits)];
    continuation.push(...next);
    if (continuation.length < values.continuation.length) pass = await reference.forward(pass.past, next, watch);
  }

  const parts = tensors.map(({ checkpoint, pass: which, name, shape, values: samples }) => {
    const tensor = (which === "prefill" ? prefill : step).tensors.get(name);
    const title = `${name}, ${which === "prefill" ? "prefill" : "decode step"}: the reference against ${source}`;
    const sampled = tensor?.shape.join() === shape.join() ? sample(tensor, samples.length) : undefined;
    return { checkpoint, part: compare(title, vector(samples), sampled, tolerance) };
  });
  const numbers = [...new Set(parts.map(({ checkpoint }) => checkpoint))];
  return [
    ...numbers.map((checkpoint) => ({
      checkpoint,
      part: worstOf(parts.filter((other) => other.checkpoint === checkpoint).map(({ part }) => part)),
    })),
    {
      checkpoint: 12,
      part: compare(`tokens: the reference against ${source}`, vector(values.continuation), vector(continuation), 0),
    },
  ];
}

function sample(tensor: Tensor | undefined, count: number): Tensor | undefined {
  if (tensor === undefined) return undefined;
  const last = tensor.data.length - 1;
  const at = (i: number) => (count < 2 ? 0 : Math.floor((i * last) / (count - 1)));
  return vector(Float64Array.from({ length: count }, (_, i) => tensor.data[at(i)] as number));
}
