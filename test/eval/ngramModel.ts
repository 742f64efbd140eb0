import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { seededRandom } from "../../src/generation/sampling/random";
import type { Gpt2Config } from "../../src/gpt2/config/config";
import type { CacheSlot, CacheSlotInfo, LanguageModel, ModelInfo } from "../../src/gpt2/languageModel";
import { Candidate } from "./candidate";
import { headerOf, parseSourceFile } from "./files";
import { NgramPredictor } from "./ngram";

class NgramSlot implements CacheSlot {
  readonly id = 0;
  readonly tokens: number[] = [];

  [Symbol.dispose](): void {
    this.tokens.length = 0;
  }
}

/** An n-gram predictor where a GPT-2 is expected, so that it completes by the same path. It has nothing to cache. */
export class NgramModel implements LanguageModel {
  readonly info: ModelInfo = {
    backend: "kernels",
    precision: "f32",
    threads: 1,
    weightBytes: 0,
    loadMs: 0,
  };
  readonly heapBytes = 0;
  readonly fullSlots = 1;
  computedTokens = 0;

  constructor(
    readonly config: Gpt2Config,
    private readonly predictor: NgramPredictor,
  ) {}

  acquire(): Promise<CacheSlot> {
    return Promise.resolve(new NgramSlot());
  }

  rewind(slot: CacheSlot, length: number): void {
    this.#tokens(slot).length = Math.min(slot.tokens.length, length);
  }

  /** The logits are the logarithms of the probabilities. */
  forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    const { vocabSize } = this.config;
    const logits = new Float32Array(logitRows * vocabSize);
    const text = this.#tokens(slot);
    for (const [i, token] of tokens.entries()) {
      text.push(token);
      const row = i - (tokens.length - logitRows);
      if (row >= 0) logits.set(this.predictor.predict(text).map(Math.log), row * vocabSize);
    }
    this.computedTokens += tokens.length;
    return Promise.resolve(logits);
  }

  slots(): readonly CacheSlotInfo[] {
    return [];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #tokens(slot: CacheSlot): number[] {
    if (slot instanceof NgramSlot) return slot.tokens;
    throw new TypeError("The slot is another model's.");
  }
}

/** About, in code. */
const charactersPerToken = 3.2;

/**
 * An n-gram model of a training text: files, one JSON object a line, of which so many are read by chance that there are about as many
 * tokens as wanted.
 * @param like whose tokens and context it has
 */
export async function ngramCandidate(
  file: string,
  { tokenizer, model }: Candidate,
  { baselineTokens, seed }: { readonly baselineTokens: number; readonly seed: number },
): Promise<Candidate> {
  const share = (baselineTokens * charactersPerToken) / (await stat(file)).size;
  const random = seededRandom(seed);
  const text: number[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (random() >= share) continue;
    const source = parseSourceFile(line, file);
    text.push(tokenizer.endOfText);
    for (const token of tokenizer.encode(headerOf(source) + source.text)) text.push(token);
  }
  const predictor = new NgramPredictor(Int32Array.from(text), tokenizer.vocabSize);
  const name = `n-grams of ${(text.length / 1e6).toFixed(1)} M tokens`;
  return new Candidate(name, new NgramModel(model.config, predictor), tokenizer, undefined);
}
