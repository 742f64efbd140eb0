import { argmax } from "../definitions";
import type { Precision } from "../languageModel";
import { type CheckpointTensors, checkpointTaps, tap, type TappedModel, type Tensor } from "../taps";
import { checkpointOf } from "./checkpoints/checkpointOf";
import { compare, magnitude } from "./checkpoints/comparison";

/** A tensor in which two models differ. */
export interface ModelDifference {
  /** Its name in `tap`. */
  readonly name: string;
  /** Undefined for what comes after the blocks. */
  readonly layer: number | undefined;
  /** The checkpoint that looks at this tensor, or at the same one of block 0. */
  readonly checkpoint: ReturnType<typeof checkpointOf>;
  readonly pass: "prefill" | "decode step";
  readonly maxAbsDiff: number;
  readonly tolerance: number;
}

/** How two models that should be the same compute the same tokens. */
export interface ModelComparison {
  /** The first tensor, in the order of a forward pass, that differs by more than the tolerance. */
  readonly first: ModelDifference | undefined;
  /** The largest difference of two logits. */
  readonly logits: number;
  /** Positions at which another token is the likeliest. */
  readonly flips: readonly number[];
  readonly positions: number;
}

/** How two backends compute the same tokens. */
export interface BackendComparison extends ModelComparison {
  /** The names of the two, with the precision. */
  readonly backends: readonly [string, string];
}

/** Differences that pass: absolute where both compute with the same 32-bit weights, otherwise a share of the largest magnitude. */
const floatTolerance = 1e-3;
const quantizedShare = 0.1;

/**
 * Runs the same tokens on two models, all but the last in one pass and the last in another one, and compares the tensors inside them.
 * @param tokens at least two
 * @param pause called between the passes, so that more urgent work can go first
 * @throws ContextOverflowError, UnknownTokenError
 */
export async function compareModels(
  one: TappedModel,
  other: TappedModel,
  tokens: readonly number[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<ModelComparison> {
  const passes = [await bothPasses(one, tokens, pause), await bothPasses(other, tokens, pause)] as const;
  const names = checkpointTaps(one.config).filter((name) => !name.startsWith("cache."));
  const tolerance = toleranceOf(one.info.precision, other.info.precision);
  let first: ModelDifference | undefined;
  let logits = 0;
  const flips: number[] = [];
  for (const pass of ["prefill", "decode step"] as const) {
    const [mine, theirs] = [passes[0][pass], passes[1][pass]];
    for (const name of names) {
      const expected = mine.get(name);
      if (!expected) continue;
      const { passed, maxAbsDiff, tolerance: allowed } = compareTap(name, expected, theirs.get(name), tolerance);
      if (!passed) {
        first ??= { name, layer: layerOf(name), checkpoint: checkpointOf(name), pass, maxAbsDiff, tolerance: allowed };
      }
      if (name === tap.logits) logits = Math.max(logits, maxAbsDiff);
    }
    const start = pass === "prefill" ? 0 : tokens.length - 1;
    flips.push(...flippedRows(mine.get(tap.logits), theirs.get(tap.logits)).map((row) => start + row));
  }
  return { first, logits, flips, positions: tokens.length };
}

async function bothPasses(model: TappedModel, tokens: readonly number[], pause: () => Promise<void>) {
  const taps = checkpointTaps(model.config);
  using slot = await model.acquire(tokens);
  model.rewind(slot, 0);
  const prefill = await model.forwardTapped(slot, tokens.slice(0, -1), taps);
  await pause();
  const step = await model.forwardTapped(slot, tokens.slice(-1), taps);
  await pause();
  return { prefill, "decode step": step } satisfies Record<ModelDifference["pass"], CheckpointTensors>;
}

function toleranceOf(one: Precision, other: Precision): (expected: Tensor) => number {
  if (one === "f32" && other === "f32") return () => floatTolerance;
  return (expected) => quantizedShare * magnitude(expected);
}

function compareTap(
  name: string,
  expected: Tensor,
  actual: Tensor | undefined,
  tolerance: (expected: Tensor) => number,
) {
  const counts = name.endsWith(".attn.scores") ? causal(expected.shape) : undefined;
  return compare(name, expected, actual, tolerance(expected), counts);
}

/** Which of the scores `[H, S, T]` belong to keys that a token sees. */
function causal([, rows = 0, total = 0]: readonly number[]): (index: number) => boolean {
  return (index) => index % total <= total - rows + (Math.floor(index / total) % rows);
}

function layerOf(name: string): number | undefined {
  const layer = /^h\.(\d+)/.exec(name)?.[1];
  return layer === undefined ? undefined : Number(layer);
}

/** The rows `[S, V]` whose largest numbers are in different places. */
function flippedRows(one: Tensor | undefined, other: Tensor | undefined): readonly number[] {
  const [rows = 0, width = 0] = one?.shape ?? [];
  const best = (tensor: Tensor | undefined, row: number) =>
    argmax(tensor?.data.subarray(row * width, (row + 1) * width) ?? []);
  return Array.from({ length: rows }, (_, row) => row).filter((row) => best(one, row) !== best(other, row));
}
