import { nodePreparedWeightsCache } from "../../src/gpt2/weights/nodePreparedWeightsCache";
import type { Gpt2Config } from "../../src/gpt2/config/config";
import { headWidth } from "../../src/gpt2/config/config";
import type { BackendId, CacheSlot, LanguageModel, Precision } from "../../src/gpt2/languageModel";
import { elementCount, isLinearWeight, tensorShapes } from "../../src/gpt2/weights/tensorShapes";
import { openTestModel } from "../fixtures/runtime";
import { type BenchEngine, benchTokens, type Traffic } from "./engine";
import { type BenchModel, openBenchWeights } from "./models";

export interface Variant {
  readonly precision: Precision;
  readonly threads: number;
  readonly backend: BackendId;
}

/** The variants of our own engine; the first of those with the same threads is what the others are compared with. */
export const ourVariants: readonly Variant[] = [
  { precision: "int8", threads: 1, backend: "kernels" },
  { precision: "int8", threads: 2, backend: "kernels" },
  { precision: "int8", threads: 1, backend: "onnxruntime" },
  { precision: "int8", threads: 2, backend: "onnxruntime" },
  { precision: "f32", threads: 1, backend: "onnxruntime" },
  { precision: "f32", threads: 2, backend: "onnxruntime" },
];

export function nameOf({ precision, backend }: Variant): string {
  return `ours ${precision}${precision === "int8" && backend === "onnxruntime" ? " on ORT" : ""}`;
}

/** Numbers in all matrices of a model that a decode step multiplies with. */
export function matrixElements(config: Gpt2Config): number {
  let count = config.vocabSize * config.width;
  for (const [name, shape] of tensorShapes(config)) if (isLinearWeight(name)) count += elementCount(shape);
  return count;
}

/** Keys and values that a token has. */
export function cacheElements(config: Gpt2Config): number {
  return 2 * config.layers * config.kvHeads * headWidth(config);
}

/** Opens a model as the extension does, its prepared weights in `cacheFolder` if one is given. */
export async function openOurs(model: BenchModel, variant: Variant, cacheFolder?: string): Promise<OurEngine> {
  const began = performance.now();
  await using weights = await openBenchWeights(model);
  const session = await openTestModel(weights, {
    ...variant,
    ...(cacheFolder !== undefined && { cache: nodePreparedWeightsCache(cacheFolder) }),
  });
  return await OurEngine.over(nameOf(variant), session, performance.now() - began);
}

/** Steps of branches in a turn. */
const branchSteps = 4;

/** Our engine, timed at the model: what generation does between two tokens is microseconds. */
export class OurEngine implements BenchEngine {
  readonly traffic: Traffic;
  readonly #tokens: readonly number[];
  /** A sequence that is cut and continued. */
  readonly #text: CacheSlot;
  /** One that is read anew again and again. */
  readonly #other: CacheSlot;

  static async over(name: string, session: LanguageModel, loadMs: number): Promise<OurEngine> {
    const text = await session.acquire(benchTokens(session.config.contextLength));
    return new OurEngine(name, session, loadMs, text, await session.acquire(benchTokens(2, 1)));
  }

  private constructor(
    readonly name: string,
    readonly session: LanguageModel,
    readonly loadMs: number,
    text: CacheSlot,
    other: CacheSlot,
  ) {
    const { config, info } = session;
    this.traffic = {
      weights: matrixElements(config) * (info.precision === "int8" ? 1 : 4),
      cachePerToken: 4 * cacheElements(config),
    };
    this.#tokens = benchTokens(config.contextLength);
    this.#text = text;
    this.#other = other;
  }

  get threads(): number {
    return this.session.info.threads;
  }

  get heapBytes(): number {
    return this.session.heapBytes;
  }

  async decode(context: number, steps: number): Promise<number[]> {
    await this.#fill(context);
    const times: number[] = [];
    for (let step = 0; step < steps; step++) times.push(await this.#step(1));
    return times;
  }

  async prefill(length: number): Promise<number> {
    this.session.rewind(this.#other, 0);
    const began = performance.now();
    await this.session.forward(this.#other, benchTokens(length, 1));
    return performance.now() - began;
  }

  async key(context: number, added: number): Promise<number> {
    await this.#fill(context);
    return this.#step(added);
  }

  async check(context: number, tokens: number): Promise<number> {
    await this.#fill(context);
    return this.#step(tokens, tokens);
  }

  async branches(context: number, count: number): Promise<number[]> {
    await this.#fill(context);
    using branches = this.session.branch?.(this.#text, count);
    const times: number[] = [];
    for (let step = 0; branches && step < branchSteps; step++) {
      const tokens = benchTokens(count, context + step);
      const began = performance.now();
      await branches.forward(tokens.map((token, branch) => ({ token, branch })));
      times.push(performance.now() - began);
    }
    return times;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }

  async #fill(context: number): Promise<void> {
    this.session.rewind(this.#text, context);
    while (this.#text.tokens.length < context) {
      const done = this.#text.tokens.length;
      await this.session.forward(this.#text, this.#tokens.slice(done, Math.min(context, done + 128)), 0);
    }
  }

  async #step(tokens: number, logitRows = 1): Promise<number> {
    const done = this.#text.tokens.length;
    const step = this.#tokens.slice(done, done + tokens);
    const began = performance.now();
    await this.session.forward(this.#text, step, logitRows);
    return performance.now() - began;
  }
}
