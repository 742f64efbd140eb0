import { argmax } from "../../definitions";
import type { CacheSlot, ModelInfo } from "../../languageModel";
import { type PassOptions, Reference } from "../reference";
import type { Gpt2Weights } from "../../weights/weights";
import { endToEnd, passCheckpoints } from "./checkpoints";
import { logitTolerance } from "./compareEvidence";
import type { CheckpointSampler, ContinuationEvidence, PassEvidence, PublishedEvidence } from "./evidence";
import { compareIndependent, type Independent } from "./independent";
import { knownContinuations, type PublishedModel } from "./published";
import { type CheckpointResult, judge } from "./result";
import { checkpointTaps, type TappedModel } from "../../taps";

export interface CheckpointRunOptions {
  /** What a person calls the model. */
  readonly name: string;
  /** The engine's side. */
  readonly model: TappedModel;
  readonly sampler: CheckpointSampler;
  /** The reference's side: the numbers that the engine computes with, dequantized where it quantizes. */
  readonly weights: Gpt2Weights;
  /** The prompt; left out, "Hello." in GPT-2's vocabulary. */
  readonly tokens?: readonly number[] | undefined;
  /** Tokens of the continuation. */
  readonly count?: number | undefined;
  /** SHA-256 (hex) of the weights' file, by which a published model is recognized for certain. */
  readonly sha256?: string | undefined;
  /** Models whose continuations are known; left out, those of `published.ts`. */
  readonly published?: readonly PublishedModel[] | undefined;
  /** Numbers of another implementation for this model, with which the reference itself is compared. */
  readonly independent?: Independent | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called between two steps of either side, so that more urgent work can go first. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** The share of the work that is done, from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly onResult?: ((result: CheckpointResult) => void) | undefined;
}

/** A whole run, as plain data. */
export interface CheckpointReport {
  readonly model: string;
  readonly storage: string;
  readonly backend: ModelInfo["backend"];
  readonly precision: ModelInfo["precision"];
  readonly threads: number;
  /** The prompt. */
  readonly tokens: readonly number[];
  readonly checkpoints: readonly CheckpointResult[];
  /** The engine's greedy continuation. */
  readonly continuation: readonly number[];
}

const hello = [15496, 13] as const;

/**
 * Runs the twelve checkpoints in order: the engine, with the graph that serves completions, against the float64 reference.
 * @throws ContextOverflowError when prompt and continuation do not fit the model
 * @throws the signal's reason when it was aborted
 */
export async function runCheckpoints(options: CheckpointRunOptions): Promise<CheckpointReport> {
  const { model, weights, signal, pause, tokens = hello, count = 10, independent } = options;
  const results: CheckpointResult[] = [];
  const report = (result: CheckpointResult) => {
    results.push(result);
    options.onResult?.(result);
  };
  const reference = new Reference(weights);
  const passes = 2 + count + (independent?.values.continuation.length ?? 0);
  const onBlock = progress(options, passes * (weights.config.layers + 1));
  const watch = { signal, onBlock, pause };

  const slot = await model.acquire(tokens);
  try {
    const evidence = await passEvidence(options, reference, slot, tokens, watch);
    const others = independent ? await compareIndependent(independent, watch) : [];
    const more = (number: number) => others.filter(({ checkpoint }) => checkpoint === number).map(({ part }) => part);
    for (const checkpoint of passCheckpoints) {
      report(judge(checkpoint, evidence, results, more(checkpoint.number)));
    }

    const greedy = (prompt: readonly number[], length: number) => continueGreedily(options, slot, prompt, length);
    const continuation = await greedy(tokens, count);
    const expected = await reference.continue(tokens, count, watch);
    const published: PublishedEvidence[] = [];
    for (const known of knownContinuations(model.config, options.sha256, options.published)) {
      published.push({ known, engine: await greedy(known.tokens, known.continuation.length) });
    }
    const endEvidence: ContinuationEvidence = {
      precision: model.info.precision,
      reference: expected.tokens,
      engine: continuation,
      deficits: await deficits(reference, tokens, continuation, expected.tokens, { signal, pause }),
      logitTolerance: logitTolerance(evidence),
      published,
    };
    report(judge(endToEnd, endEvidence, results, more(endToEnd.number)));
    options.onProgress?.(1);

    const { backend, precision, threads } = model.info;
    const { name, storage } = { name: options.name, storage: weights.storage };
    return { model: name, storage, backend, precision, threads, tokens, checkpoints: results, continuation };
  } finally {
    slot[Symbol.dispose]();
  }
}

/** Runs the prompt and one decode step on both sides. */
async function passEvidence(
  { model, sampler, weights }: CheckpointRunOptions,
  reference: Reference,
  slot: CacheSlot,
  tokens: readonly number[],
  watch: Pick<PassOptions, "signal" | "onBlock" | "pause">,
): Promise<PassEvidence> {
  const { config } = weights;
  const taps = checkpointTaps(config);
  const expected = await reference.forward(reference.start(), tokens, { taps, ...watch });
  const next = argmax(expected.logits.subarray(-config.vocabSize));
  const expectedStep = await reference.forward(expected.past, [next], { taps, ...watch });

  model.rewind(slot, 0);
  const selected = (await model.forward(slot, tokens)).slice();
  await watch.pause?.();
  model.rewind(slot, 0);
  const prefill = await model.forwardTapped(slot, tokens, taps);
  await watch.pause?.();
  // Another token goes in and out again, so that checkpoint 3 sees whether rewinding forgets it.
  await model.forward(slot, [(next + 1) % config.vocabSize]);
  model.rewind(slot, tokens.length);
  const step = await model.forwardTapped(slot, [next], taps);
  await watch.pause?.();
  watch.signal?.throwIfAborted();
  return {
    config,
    precision: model.info.precision,
    half: model.info.half ?? false,
    sameBits: model.info.backend !== "webgpu",
    reference: { prefill: expected.tensors, step: expectedStep.tensors },
    engine: { prefill, step, selected },
    sampler,
  };
}

/** The engine's greedy continuation of a prompt, one token a step, with its cache. */
async function continueGreedily(
  { model, sampler, signal, pause }: CheckpointRunOptions,
  slot: CacheSlot,
  prompt: readonly number[],
  count: number,
): Promise<number[]> {
  model.rewind(slot, 0);
  const continuation: number[] = [];
  let input = prompt;
  while (continuation.length < count) {
    const token = sampler.greedy(await model.forward(slot, input));
    continuation.push(token);
    input = [token];
    await pause?.();
    signal?.throwIfAborted();
  }
  return continuation;
}

/** By how much the reference prefers another token at each of the engine's, after the engine's tokens before it. */
async function deficits(
  reference: Reference,
  prompt: readonly number[],
  engine: readonly number[],
  expected: readonly number[],
  watch: Pick<PassOptions, "signal" | "pause">,
): Promise<number[]> {
  if (engine.every((token, i) => token === expected[i])) return engine.map(() => 0);
  const input = [...prompt, ...engine.slice(0, -1)];
  const { logits } = await reference.forward(reference.start(), input, { logitRows: engine.length, ...watch });
  const width = reference.config.vocabSize;
  return engine.map((token, i) => {
    const row = logits.subarray(i * width, (i + 1) * width);
    return (row[argmax(row)] ?? 0) - (row[token] ?? 0);
  });
}

/** Counts the reference's blocks, which are nearly all of the work: prefill, step, and a pass per token of the continuations. */
function progress({ onProgress }: CheckpointRunOptions, total: number): () => void {
  let done = 0;
  return () => onProgress?.(++done / (total + 1));
}
