/** Bytes that a decode step has to read. */
export interface Traffic {
  /** Of weights: every matrix once. */
  readonly weights: number;
  /** Of keys and values, for each token in the cache. */
  readonly cachePerToken: number;
}

/** An engine that is timed. What it runs is the same for all: a GPT-2 and tokens that mean nothing. */
export interface BenchEngine extends AsyncDisposable {
  readonly name: string;
  readonly threads: number;
  readonly traffic: Traffic;
  /** Milliseconds that it took to open the model. */
  readonly loadMs: number;
  /** Bytes that it holds for itself as far as it knows; 0 when it does not say. */
  readonly heapBytes: number;
  /** Milliseconds of each of `steps` steps of one token, from `context` cached tokens on. */
  decode(context: number, steps: number): Promise<number[]>;
  /** Milliseconds from nothing cached to the logits after `length` tokens. */
  prefill(length: number): Promise<number>;
  /** Milliseconds until the logits are there when `added` tokens follow `context` tokens that were read before. */
  key(context: number, added: number): Promise<number>;
  /** Milliseconds of a step that checks a draft: `tokens` tokens after `context`, each with its logits. */
  check?(context: number, tokens: number): Promise<number>;
  /** Milliseconds of each of some steps of one token for each of `count` sequences with the same `context` tokens; none where it cannot. */
  branches?(context: number, count: number): Promise<number[]>;
}

/** The name of an engine in tables and filters. */
export function label({ name, threads }: Pick<BenchEngine, "name" | "threads">): string {
  return `${name} T${threads}`;
}

/** Tokens that mean nothing, the same every time, all inside GPT-2's ordinary vocabulary. */
export function benchTokens(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, i) => ((first + i) * 7919 + 13) % 50_000);
}
