import { gpt2Small } from "../../fixtures/syntheticModel";
import { type BenchEngine, benchTokens, type Traffic } from "../engine";
import type { BenchModel } from "../models";
import { cacheElements, matrixElements } from "../ours";
import { importFrom, installPackages } from "./install";

const version = "3.22.1";

/** What we use of node-llama-cpp. */
interface NodeLlamaCpp {
  readonly getLlama: (options: Readonly<Record<string, unknown>>) => Promise<{
    loadModel(options: Readonly<Record<string, unknown>>): Promise<LlamaModel>;
    dispose(): Promise<void>;
  }>;
}
interface LlamaModel {
  createContext(options: Readonly<Record<string, unknown>>): Promise<{ getSequence(): LlamaSequence }>;
}
interface LlamaSequence {
  readonly nextTokenIndex: number;
  clearHistory(): Promise<void>;
  eraseContextTokenRanges(ranges: readonly { readonly start: number; readonly end: number }[]): Promise<void>;
  evaluate(tokens: readonly number[], options: Readonly<Record<string, unknown>>): AsyncGenerator<number>;
}

/** Bytes of a number in Q8_0, and of a number of the cache, which is in f16. */
export const q8Traffic: Traffic = {
  weights: matrixElements(gpt2Small) * (34 / 32),
  cachePerToken: 2 * cacheElements(gpt2Small),
};

/** llama.cpp, native. */
export async function openLlamaCpp(model: BenchModel, threads: number): Promise<BenchEngine> {
  const binary = `@node-llama-cpp/${{ darwin: "mac", win32: "win" }[process.platform as string] ?? "linux"}-${process.arch}`;
  const packages = [`node-llama-cpp@${version}`, `${binary}@${version}`];
  // The other optional packages are the binaries of other machines, a gigabyte of them.
  const folder = await installPackages(packages, ["--omit=optional"]);
  const { getLlama } = (await importFrom(folder, "node-llama-cpp", "dist", "index.js")) as NodeLlamaCpp;
  const began = performance.now();
  const llama = await getLlama({
    gpu: false,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    logLevel: "error",
  });
  const loaded = await llama.loadModel({ modelPath: await model.file() });
  const context = await loaded.createContext({ contextSize: 1024, batchSize: 512, threads });
  return new LlamaCppEngine(threads, performance.now() - began, context.getSequence(), () => llama.dispose());
}

class LlamaCppEngine implements BenchEngine {
  readonly name = "node-llama-cpp q8_0";
  readonly traffic = q8Traffic;
  readonly heapBytes = 0;

  constructor(
    readonly threads: number,
    readonly loadMs: number,
    private readonly sequence: LlamaSequence,
    private readonly dispose: () => Promise<void>,
  ) {}

  async decode(context: number, steps: number): Promise<number[]> {
    await this.#fill(context - 1);
    // The first token comes of the last one of the context, each further one of the one before it.
    return (await this.#evaluate(benchTokens(1, context - 1), steps + 1)).slice(1);
  }

  async prefill(length: number): Promise<number> {
    await this.sequence.clearHistory();
    const [time = NaN] = await this.#evaluate(benchTokens(length, 1), 1);
    return time;
  }

  async key(context: number, added: number): Promise<number> {
    await this.#fill(context);
    const [time = NaN] = await this.#evaluate(benchTokens(added, context), 1);
    return time;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #fill(context: number): Promise<void> {
    await this.sequence.clearHistory();
    await this.#evaluate(benchTokens(context), 1);
    await this.#cut(context);
  }

  async #cut(length: number): Promise<void> {
    const end = this.sequence.nextTokenIndex;
    if (end > length) await this.sequence.eraseContextTokenRanges([{ start: length, end }]);
  }

  /** Milliseconds of each of `count` tokens that follow. */
  async #evaluate(tokens: readonly number[], count: number): Promise<number[]> {
    const times: number[] = [];
    const generated = this.sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true });
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      await generated.next();
      times.push(performance.now() - began);
    }
    await generated.return(undefined);
    return times;
  }
}
