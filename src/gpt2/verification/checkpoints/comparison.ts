import type { Tensor } from "../../taps";

/** How many differences there are of each magnitude. */
export interface Histogram {
  /** Upper ends of the bins: the first bin counts differences of exactly 0, the last one all that are larger than the last edge. */
  readonly edges: readonly number[];
  /** One more than edges. */
  readonly counts: readonly number[];
}

/** Two tensors number by number: the reference's (expected) and the engine's (actual). */
export interface Comparison {
  readonly name: string;
  /** Of the expected tensor. */
  readonly shape: readonly number[];
  /** Largest |expected − actual|; Infinity where the actual tensor is missing, has another shape or holds a NaN. */
  readonly maxAbsDiff: number;
  /** Index of the largest difference, one number per dimension; empty if there is none. */
  readonly at: readonly number[];
  /** The largest difference that passes. */
  readonly tolerance: number;
  readonly passed: boolean;
  readonly histogram: Histogram;
  /** The first few numbers of both sides. */
  readonly firstValues: { readonly expected: readonly number[]; readonly actual: readonly number[] };
  /** What a person should know of this comparison, such as why a difference does not count. */
  readonly note?: string;
}

const edges = [0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];
const shown = 8;

/**
 * Compares two tensors.
 * @param counts whether the number at a flat index is compared at all; left out, all are
 */
export function compare(
  name: string,
  expected: Tensor,
  actual: Tensor | undefined,
  tolerance: number,
  counts: (index: number) => boolean = () => true,
): Comparison {
  const firstValues = {
    expected: Array.from(expected.data.subarray(0, shown)),
    actual: Array.from(actual?.data.subarray(0, shown) ?? []),
  };
  const { shape } = expected;
  const bins = new Array<number>(edges.length + 1).fill(0);
  if (actual === undefined || !sameShape(shape, actual.shape)) {
    const note =
      actual === undefined
        ? "The engine did not yield this tensor."
        : `The engine's shape is [${actual.shape.join(", ")}].`;
    return {
      name,
      shape,
      maxAbsDiff: Infinity,
      at: [],
      tolerance,
      passed: false,
      histogram: { edges, counts: bins },
      firstValues,
      note,
    };
  }
  let maxAbsDiff = 0;
  let where = -1;
  for (let i = 0; i < expected.data.length; i++) {
    if (!counts(i)) continue;
    const difference = absoluteDifference(expected.data[i] as number, actual.data[i] as number);
    const bin = binOf(difference);
    bins[bin] = (bins[bin] ?? 0) + 1;
    if (difference > maxAbsDiff) {
      maxAbsDiff = difference;
      where = i;
    }
  }
  return {
    name,
    shape,
    maxAbsDiff,
    at: where < 0 ? [] : indexOf(where, shape),
    tolerance,
    passed: maxAbsDiff <= tolerance,
    histogram: { edges, counts: bins },
    firstValues,
  };
}

/**
 * Comparisons of the same tensor in several layers as one.
 * @returns the first that does not pass, or the one that comes nearest to it; its index begins with the layer
 */
export function merge(name: string, layers: readonly number[], parts: readonly Comparison[]): Comparison {
  const part = parts.find(({ passed }) => !passed) ?? worstOf(parts);
  const counts = part.histogram.counts.map((_, bin) =>
    parts.reduce((sum, { histogram }) => sum + (histogram.counts[bin] ?? 0), 0),
  );
  return {
    ...part,
    name,
    shape: [parts.length, ...part.shape],
    at: part.maxAbsDiff > 0 ? [layers[parts.indexOf(part)] ?? 0, ...part.at] : [],
    histogram: { edges, counts },
  };
}

/** The comparison that is furthest from passing; if all pass, the one that comes nearest to its tolerance. */
export function worstOf(parts: readonly Comparison[]): Comparison {
  const [first, ...rest] = parts;
  if (first === undefined) throw new RangeError("There is nothing to compare.");
  return rest.reduce((worst, part) => (strain(part) > strain(worst) ? part : worst), first);
}

/** Difference as a share of the tolerance. */
function strain({ maxAbsDiff, tolerance, passed }: Comparison): number {
  if (maxAbsDiff === 0) return 0;
  return tolerance === 0 ? (passed ? 1 : Infinity) : maxAbsDiff / tolerance;
}

/** A row of numbers as a tensor of one dimension. */
export function vector(data: Float32Array | Float64Array | readonly number[]): Tensor {
  const numbers = data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data);
  return { shape: [numbers.length], data: numbers };
}

/** Largest magnitude in a tensor. */
export function magnitude({ data }: Tensor): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(value));
  return largest;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function absoluteDifference(expected: number, actual: number): number {
  // Equal infinities differ by nothing, and a NaN differs from everything.
  if (expected === actual) return 0;
  const difference = Math.abs(expected - actual);
  return Number.isNaN(difference) ? Infinity : difference;
}

function binOf(difference: number): number {
  const bin = edges.findIndex((edge) => difference <= edge);
  return bin < 0 ? edges.length : bin;
}

/** The index in each dimension of a flat index. */
function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(flat % size);
    flat = Math.floor(flat / size);
  }
  return index;
}
