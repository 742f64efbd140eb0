import { argmax, softmax } from "../../definitions";
import { type Comparison, compare, merge, vector } from "./comparison";
import type { ContinuationEvidence, PassEvidence, PublishedEvidence } from "./evidence";
import { type CheckpointTensors, type Tensor, tap } from "../../taps";
import { allowed, tolerances } from "./tolerances";

const passes = ["prefill", "step"] as const;
const passNames = { prefill: "prefill", step: "decode step" } as const;

/** Checkpoint 11's temperature. */
export const probabilityTemperature = 0.8;

export function inBothPasses(
  { reference, engine }: PassEvidence,
  name: string,
  tolerance: (expected: Tensor) => number,
  counts?: (shape: readonly number[]) => (index: number) => boolean,
): Comparison[] {
  return passes.map((pass) => {
    const expected = need(reference[pass], name);
    return compare(
      `${name}, ${passNames[pass]}`,
      expected,
      engine[pass].get(name),
      tolerance(expected),
      counts?.(expected.shape),
    );
  });
}

/** Which of the scores `[H, S, T]` belong to keys that a token sees: the S tokens are the last of the T. */
export function causal([, rows = 0, total = 0]: readonly number[]): (index: number) => boolean {
  return (index) => index % total <= total - rows + (Math.floor(index / total) % rows);
}

export function compareCaches(evidence: PassEvidence): readonly Comparison[] {
  const { config, engine } = evidence;
  const kinds = [
    { name: "keys", computed: tap.key, cached: tap.cachedKeys },
    { name: "values", computed: tap.value, cached: tap.cachedValues },
  ];
  return kinds.flatMap(({ name, computed, cached }) => [
    inLayers(`${name} after prefill are those that were computed`, 0, config.layers, (layer) =>
      compare("", need(engine.prefill, computed(layer)), engine.prefill.get(cached(layer)), 0),
    ),
    inLayers(`${name} after the decode step are the old rows and the computed one`, 0, config.layers, (layer) => {
      const expected = appendRows(need(engine.prefill, cached(layer)), need(engine.step, computed(layer)));
      return compare("", expected, engine.step.get(cached(layer)), 0);
    }),
    ...inBothPasses(evidence, cached(0), allowed(evidence.precision, tolerances.cache)),
  ]);
}

/** The logits, and on the way to them what no checkpoint before has seen: the other blocks and the final layer norm. */
export function compareLogits(evidence: PassEvidence): readonly Comparison[] {
  const { config, reference, engine } = evidence;
  const tolerance = allowed(evidence.precision, tolerances.layers);
  const eachLayer = config.layers > 1 ? [tap.block, tap.cachedKeys, tap.cachedValues] : [];
  const others = eachLayer.flatMap((name) =>
    passes.map((pass) =>
      inLayers(`${name(1).replace("1", "N")} of the other blocks, ${passNames[pass]}`, 1, config.layers, (layer) => {
        const expected = need(reference[pass], name(layer));
        return compare("", expected, engine[pass].get(name(layer)), tolerance(expected));
      }),
    ),
  );
  return [
    ...inBothPasses(evidence, tap.logits, allowed(evidence.precision, tolerances.logits)),
    ...others,
    ...inBothPasses(evidence, tap.finalNorm, tolerance),
  ];
}

function inLayers(name: string, from: number, to: number, compareLayer: (layer: number) => Comparison): Comparison {
  const layers = Array.from({ length: to - from }, (_, i) => from + i);
  return merge(name, layers, layers.map(compareLayer));
}

export function compareSelected(evidence: PassEvidence): readonly Comparison[] {
  const { engine, sameBits } = evidence;
  const tolerance = sameBits ? 0 : logitTolerance(evidence) / 10;
  return [compare("last row", lastRow(engine.prefill.get(tap.logits)), vector(engine.selected), tolerance)];
}

export function compareChoices({ engine, sampler }: PassEvidence): readonly Comparison[] {
  const logits = engine.selected;
  const best = argmax(logits);
  const tiedWith = (token: number) => {
    const tied = logits.slice();
    tied[token] = logits[best] as number;
    return tied;
  };
  const earlier = Math.floor(best / 2);
  const later = Math.floor((best + logits.length) / 2);
  const cases: [name: string, logits: Float32Array, expected: number][] = [
    ["token", logits, best],
    ["token, when an earlier one has the same logit", tiedWith(earlier), earlier],
    ["token, when a later one has the same logit", tiedWith(later), best],
  ];
  return cases.map(([name, row, expected]) => compare(name, vector([expected]), vector([sampler.greedy(row)]), 0));
}

export function compareProbabilities({ engine, sampler }: PassEvidence): readonly Comparison[] {
  const probabilities = sampler.probabilities(engine.selected, probabilityTemperature);
  let sum = 0;
  for (const probability of probabilities) sum += probability;
  return [
    compare("probabilities", vector(softmax(engine.selected, probabilityTemperature)), vector(probabilities), 1e-6),
    compare("their sum", vector([1]), vector([sum]), 1e-6),
  ];
}

export function compareContinuations(evidence: ContinuationEvidence): readonly Comparison[] {
  const { precision, reference, engine, deficits, logitTolerance: tolerance, published } = evidence;
  const ids = compare("tokens, against the reference", vector(reference), vector(engine), 0);
  const against = precision === "f32" ? ids : withinError(ids, deficits, tolerance);
  return [against, ...published.map(comparePublished)];

  /** With an error of up to τ in each logit, either of two tokens may win whose logits are less than 2 τ apart. */
  function withinError(exact: Comparison, apart: readonly number[], logitError: number): Comparison {
    if (exact.passed) return exact;
    const equal = engine.filter((token, i) => token === reference[i]).length;
    const preference = compare("", vector(apart.map(() => 0)), vector(apart), 2 * logitError);
    return {
      ...preference,
      name: "the reference's preference for another token, in logits",
      note: `${equal} of ${engine.length} tokens are the reference's own. A preference of up to twice the tolerance of checkpoint 8 is no fault.`,
    };
  }
}

function comparePublished({ known, engine }: PublishedEvidence): Comparison {
  const { model, by, text, source, continuation } = known;
  const comparison = compare(`tokens, as published for ${model}`, vector(continuation), vector(engine), 0);
  if (comparison.passed) return { ...comparison, note: `“${text}” (${source})` };
  if (by === "file") return { ...comparison, note: `Should be “${text}” (${source}).` };
  return {
    ...comparison,
    passed: true,
    note:
      `The model has the shape of ${model} but does not write “${text}” (${source}). ` +
      `With other weights that is as it should be; with the published ones they are read wrongly.`,
  };
}

/** The last row of a tensor `[S, N]`. */
function lastRow(tensor: Tensor | undefined): Tensor {
  if (tensor === undefined) return vector([]);
  const width = tensor.shape.at(-1) ?? 0;
  return vector(tensor.data.subarray(tensor.data.length - width));
}

/** Two tensors one below the other. */
function appendRows(above: Tensor, below: Tensor): Tensor {
  const data = new Float64Array(above.data.length + below.data.length);
  data.set(above.data);
  data.set(below.data, above.data.length);
  return { shape: [(above.shape[0] ?? 0) + (below.shape[0] ?? 0), ...above.shape.slice(1)], data };
}

function need(tensors: CheckpointTensors, name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new RangeError(`The tensor ${name} was not kept.`);
  return tensor;
}

/** How far the engine's logits for the prompt may be off. */
export function logitTolerance({ precision, reference }: PassEvidence): number {
  return allowed(precision, tolerances.logits)(need(reference.prefill, tap.logits));
}
