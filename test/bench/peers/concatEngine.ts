import { type BenchEngine, benchTokens, type Traffic } from "../engine";

/** A step of an engine whose cache comes out of one step and goes into the next. */
export type ConcatStep<Past> = (tokens: readonly number[], past: Past | undefined, done: number) => Promise<Past>;

export interface ConcatEngineOptions<Past> {
  readonly name: string;
  readonly threads: number;
  readonly traffic: Traffic;
  readonly loadMs: number;
  readonly step: ConcatStep<Past>;
  /** Instead of continuing a cache when a key comes: reads everything anew. */
  readonly startOver?: (tokens: readonly number[]) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** An engine whose keys and values are a value that each step makes anew. */
export class ConcatEngine<Past> implements BenchEngine {
  readonly heapBytes = 0;
  readonly name: string;
  readonly threads: number;
  readonly traffic: Traffic;
  readonly loadMs: number;
  /** What is cached of the one text, by length. */
  readonly #pasts = new Map<number, Past>();

  constructor(private readonly options: ConcatEngineOptions<Past>) {
    this.name = options.name;
    this.threads = options.threads;
    this.traffic = options.traffic;
    this.loadMs = options.loadMs;
  }

  async decode(context: number, steps: number): Promise<number[]> {
    let past = await this.#pastOf(context);
    const times: number[] = [];
    for (let i = 0; i < steps; i++) {
      const began = performance.now();
      past = await this.options.step(benchTokens(1, context + i), past, context + i);
      times.push(performance.now() - began);
    }
    return times;
  }

  async prefill(length: number): Promise<number> {
    const began = performance.now();
    await this.options.step(benchTokens(length, 1), undefined, 0);
    return performance.now() - began;
  }

  async key(context: number, added: number): Promise<number> {
    const { step, startOver } = this.options;
    const past = startOver ? undefined : await this.#pastOf(context);
    const began = performance.now();
    if (startOver) await startOver(benchTokens(context + added));
    else await step(benchTokens(added, context), past, context);
    return performance.now() - began;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pasts.clear();
    await this.options.dispose();
  }

  async #pastOf(context: number): Promise<Past | undefined> {
    const known = this.#pasts.get(context);
    if (known) return known;
    const past = await this.options.step(benchTokens(context), undefined, 0);
    this.#pasts.set(context, past);
    return past;
  }
}

/** The cache that a step has put out: its `present.0.key` is `past_key_values.0.key` of the next. */
export function pastFrom<Tensor>(outputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> {
  const present = Object.entries(outputs).filter(([name]) => name.startsWith("present."));
  return Object.fromEntries(present.map(([name, tensor]) => [name.replace("present", "past_key_values"), tensor]));
}
