import assert from "node:assert/strict";
import { generationContext, type GenerationContext } from "../../../src/generation/context";
import type { RequestControl } from "../../../src/generation/control";
import { StepCosts } from "../../../src/generation/speculative/costs";
import { DrafterFactory } from "../../../src/generation/speculative/drafterFactory";
import { checkStep } from "../../../src/gpt2/backends/checkStep";
import { PooledModel } from "../../../src/gpt2/backends/pooledModel";
import type { Gpt2Config } from "../../../src/gpt2/config/config";
import { type CacheSlot, type LanguageModel, type ModelInfo, type SlotUse } from "../../../src/gpt2/languageModel";
import { capacityFor, type KvBuffer } from "../../../src/gpt2/kvCache/storage";
import type { PreToken, Tokenizer } from "../../../src/tokenizer/tokenizer";

const words = [
  "\n\n",
  "  ",
  "   ",
  "    ",
  " =",
  "()",
  '("',
  "foo",
  " foo",
  "foobar",
  " foobar",
  "return",
  " return",
  " re",
];

const endOfText = 256 + words.length;
const vocabSize = endOfText + 4;

/** The ids of the words by their first byte. */
const longerBy = new Map<number, number[]>();
for (const [index, word] of words.entries()) {
  const first = word.charCodeAt(0);
  longerBy.set(first, [...(longerBy.get(first) ?? []), 256 + index]);
}

/** Bytes 0 to 255, a few longer tokens (the longest match wins), then the special tokens. */
export class FakeTokenizer implements Tokenizer {
  readonly name = "fake";
  readonly #bytes: Uint8Array[] = [
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    ...words.map((word) => new TextEncoder().encode(word)),
  ];
  readonly endOfText = endOfText;
  readonly vocabSize = vocabSize;
  readonly fim = { prefix: this.endOfText + 1, middle: this.endOfText + 2, suffix: this.endOfText + 3 };
  readonly #sorted = [...this.#bytes.keys()].sort((a, b) => Buffer.compare(this.bytes(a), this.bytes(b)));

  encode(text: string): number[] {
    const bytes = new TextEncoder().encode(text);
    const tokens: number[] = [];
    for (let at = 0; at < bytes.length;) {
      let best = bytes[at] ?? 0;
      for (const token of longerBy.get(best) ?? []) {
        const candidate = this.bytes(token);
        const fits = candidate.every((byte, i) => bytes[at + i] === byte);
        if (fits && candidate.length > this.bytes(best).length) best = token;
      }
      tokens.push(best);
      at += this.bytes(best).length;
    }
    return tokens;
  }
  decode(tokens: readonly number[]): string {
    return Buffer.concat(tokens.map((token) => this.bytes(token))).toString();
  }
  bytes(token: number): Uint8Array {
    return this.#bytes[token] ?? new TextEncoder().encode(`<|${token}|>`);
  }
  isSpecial(token: number): boolean {
    return token >= this.endOfText;
  }
  tokensStartingWith(prefix: Uint8Array): Uint32Array {
    return Uint32Array.from(this.#sorted.filter((token) => begins(this.bytes(token), prefix)));
  }
  tokensAgreeingWith(wanted: Uint8Array): Uint32Array {
    const beginnings = this.#sorted.filter((token) => {
      const bytes = this.bytes(token);
      return bytes.length < wanted.length && begins(wanted, bytes);
    });
    return Uint32Array.from([...this.tokensStartingWith(wanted), ...beginnings]);
  }
  /** Lines: no word crosses them, so the longest matches in a line do not depend on other lines. */
  *preTokens(text: string, from = 0): Iterable<PreToken> {
    for (let start = from, end; start < text.length; start = end) {
      end = text.indexOf("\n", start);
      while (text[end] === "\n") end++;
      if (end <= start) end = text.length;
      yield { end, tokens: this.encode(text.slice(start, end)) };
    }
  }
}

function begins(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}

/** Computes the logits `[V]` after some tokens. */
export type LogitsFunction = (tokens: readonly number[]) => Float32Array;

/** A KV buffer without content: the pool keeps track of the tokens. */
interface EmptyBuffer extends KvBuffer<EmptyBuffer> {
  readonly capacity: number;
}

function emptyBuffer(capacity: number): EmptyBuffer {
  return {
    capacity,
    copyFrom: () => undefined,
    save: () => ({ restore: () => undefined, [Symbol.dispose]: () => undefined }),
    [Symbol.dispose]: () => undefined,
  };
}

/** A model whose logits are a function of the tokens before. It keeps slots as a real model does, and counts what it computes. */
export class FakeModel extends PooledModel<EmptyBuffer> implements LanguageModel {
  readonly info: ModelInfo = { backend: "kernels", precision: "f32", threads: 1, weightBytes: 0, loadMs: 0 };
  readonly heapBytes = 0;
  forwards: number[] = [];
  readonly #logits: LogitsFunction;
  readonly #held = new Set<CacheSlot>();

  constructor(contextLength: number, logits: LogitsFunction, vocabSize = new FakeTokenizer().vocabSize) {
    const shape = { layers: 1, width: 4, contextLength };
    const storage = { shape, bytesFor: (capacity: number) => capacity, allocate: emptyBuffer };
    super(fakeConfig(contextLength, vocabSize), storage, 4 * capacityFor(shape, contextLength));
    this.#logits = logits;
  }

  /** Slots that were acquired and not disposed. */
  get heldSlots(): number {
    return this.#held.size;
  }

  override async acquire(tokens: readonly number[], use?: SlotUse): Promise<CacheSlot> {
    assert.ok(tokens.length > 0 && tokens.length <= this.config.contextLength, `${tokens.length} tokens`);
    const pooled = await this.pool.acquire(tokens, use);
    this.#held.add(pooled);
    const release = pooled[Symbol.dispose].bind(pooled);
    pooled[Symbol.dispose] = () => {
      this.#held.delete(pooled);
      release();
    };
    return pooled;
  }

  async forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    const cache = this.pool.cacheOf(slot);
    if (tokens.length === 0) return new Float32Array(0);
    checkStep(this.config, cache.length, tokens);
    await this.pool.reserve(cache, cache.length + tokens.length);
    cache.tokens.push(...tokens);
    this.countTokens(tokens.length);
    this.forwards.push(tokens.length);
    const logits = new Float32Array(logitRows * this.config.vocabSize);
    for (let row = 0; row < logitRows; row++) {
      const seen = cache.tokens.slice(0, cache.length - logitRows + 1 + row);
      logits.set(this.#logits(seen), row * this.config.vocabSize);
    }
    return logits;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.pool[Symbol.dispose]();
    return Promise.resolve();
  }
}

function fakeConfig(contextLength: number, vocabSize: number): Gpt2Config {
  return {
    architecture: "gpt2",
    vocabSize,
    contextLength,
    width: 4,
    layers: 1,
    heads: 1,
    kvHeads: 1,
    innerWidth: 4,
    activation: "gelu_tanh",
    layerNormEpsilon: 1e-5,
    scaleAttention: true,
    scaleByInverseLayer: false,
    tiedHead: true,
    beginOfText: 0,
    endOfText: 0,
    tokenizer: undefined,
  };
}

/** A model that continues `prompt` with the bytes of `script` and then ends the text. */
export function saying(script: string, prompt: string): LogitsFunction {
  const tokenizer = new FakeTokenizer();
  return (tokens) => {
    const logits = new Float32Array(tokenizer.vocabSize).fill(-1);
    const whole = Buffer.from(prompt + script);
    const text = Buffer.concat(tokens.filter((token) => !tokenizer.isSpecial(token)).map((t) => tokenizer.bytes(t)));
    const seen = text.length;
    const next = whole.subarray(0, seen).equals(text) ? whole[seen] : undefined;
    logits[next ?? tokenizer.endOfText] = 5;
    return logits;
  };
}

/** A model whose logits are a hash of the last three tokens, so that its text does not repeat itself. */
export function wandering(tokens: readonly number[]): Float32Array {
  const logits = new Float32Array(vocabSize);
  let state = tokens.slice(-3).reduce((hash, token) => Math.imul(hash ^ token, 0x01000193), 0x811c9dc5);
  for (let token = 0; token < endOfText; token++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    logits[token] = (state >>> 8) / 2 ** 22;
  }
  return logits;
}

export function fakeContext(model: LanguageModel): GenerationContext {
  return { ...generationContext(model, new FakeTokenizer()), drafters: new DrafterFactory(new AssumedCosts()) };
}

/** Costs that do not depend on how fast the test runs. */
export class AssumedCosts extends StepCosts {
  override record(): void {
    return undefined;
  }
}

export function control(overrides: Partial<RequestControl> = {}): RequestControl {
  return {
    arrivedAt: performance.now(),
    signal: { aborted: false },
    pause: () => Promise.resolve(),
    ...overrides,
  };
}

export const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 } as const;
