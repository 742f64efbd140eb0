import { percentile } from "../eval/metrics";
import { type BenchEngine, label } from "./engine";
import type { BandwidthMeter } from "./machine";

/** Something that every engine is timed at. */
export interface Measure {
  readonly name: string;
  /** Tokens that are cached when it begins; for the bytes that it must read. */
  readonly context: number;
  /** Whether it is a step of one token, which memory bandwidth bounds. */
  readonly decodes: boolean;
  readonly run: (engine: BenchEngine, steps: number) => Promise<number[]>;
}

const decode = (context: number): Measure => ({
  name: `decode@${context}`,
  context,
  decodes: true,
  run: (engine, steps) => engine.decode(context, steps),
});
const prefill = (length: number): Measure => ({
  name: `prefill ${length}`,
  context: 0,
  decodes: false,
  run: async (engine) => [await engine.prefill(length)],
});
const key = (added: number, context: number): Measure => ({
  name: `+${added}@${context}`,
  context,
  decodes: false,
  run: async (engine) => [await engine.key(context, added)],
});

const check = (tokens: number, context: number): Measure => ({
  name: `check ${tokens}@${context}`,
  context,
  decodes: false,
  run: async (engine) => (engine.check ? [await engine.check(context, tokens)] : []),
});

const branches = (count: number, context: number): Measure => ({
  name: `${count} texts@${context}`,
  context,
  decodes: false,
  run: async (engine) => (engine.branches ? engine.branches(context, count) : []),
});

/** For a model so small that it is read in a fraction of a second. */
export const longPrefill = prefill(1000);

/** In an order in which a cache grows and is not read anew. */
export const measures: readonly Measure[] = [
  ...[64, 256, 512].map(prefill),
  decode(32),
  decode(256),
  ...[1, 2, 8].map((added) => key(added, 256)),
  ...[4, 8].map((tokens) => check(tokens, 256)),
  branches(4, 256),
  decode(900),
  ...[1, 2, 8].map((added) => key(added, 900)),
];

/** How one engine did at one measure, in milliseconds. */
export interface Timing {
  readonly engine: string;
  readonly threads: number;
  readonly measure: string;
  readonly median: number;
  readonly least: number;
  readonly samples: readonly number[];
  /** Of a decode step: the time that reading its bytes takes at the measured bandwidth. */
  readonly floor?: number;
}

export interface Effort {
  /** Times that every engine has its turn at a measure. */
  readonly rounds: number;
  /** Decode steps in a turn. */
  readonly steps: number;
}

/**
 * Times all engines at all measures. At each measure they take turns, beginning with another one each round, so that whatever else the
 * machine does falls on all of them; the memory bandwidth is measured in between.
 */
export async function timeAll(
  engines: readonly BenchEngine[],
  chosen: readonly Measure[],
  meters: readonly BandwidthMeter[],
  { rounds, steps }: Effort,
  progress: (text: string) => void,
): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (const measure of chosen) {
    const samples = new Map<BenchEngine, number[]>(engines.map((engine) => [engine, []]));
    const bandwidths = new Map<number, number[]>(meters.map(({ threads }) => [threads, []]));
    // The first round only warms up: heaps grow, code is compiled.
    for (let round = -1; round < rounds; round++) {
      for (let turn = 0; turn < engines.length; turn++) {
        const engine = engines[(turn + round + 1) % engines.length];
        if (!engine) continue;
        progress(`${measure.name}, round ${Math.max(1, round + 1)} of ${rounds}: ${label(engine)}`);
        const times = await measure.run(engine, round < 0 ? 1 : steps);
        if (round >= 0) samples.get(engine)?.push(...times);
      }
      for (const meter of measure.decodes ? meters : []) {
        bandwidths.get(meter.threads)?.push(await meter.measure());
      }
    }
    for (const [engine, times] of samples) {
      if (times.length === 0) continue;
      const bandwidth = percentile(bandwidths.get(engine.threads) ?? [], 0.5);
      const bytes = engine.traffic.weights + measure.context * engine.traffic.cachePerToken;
      timings.push({
        engine: engine.name,
        threads: engine.threads,
        measure: measure.name,
        median: percentile(times, 0.5),
        least: Math.min(...times),
        samples: times,
        ...(bandwidth > 0 && { floor: bytes / bandwidth }),
      });
    }
  }
  return timings;
}
