/** Opens GPT-2 large in a process of its own, and times it. Started by `large.ts` with a {@link LargeTask} as JSON. */
import path from "node:path";
import { nodePlatform } from "../../src/engine/host/nodePlatform";
import { openModel } from "../../src/engine/openModel";
import type { Precision } from "../../src/gpt2/languageModel";
import { percentile } from "../eval/metrics";
import { gpt2LargeModel } from "./models";
import { OurEngine } from "./ours";
import { peakMemory } from "./peakMemory";

export interface LargeTask {
  readonly precision: Precision;
  readonly threads: number;
  /** A device map, see `parseDeviceMap`. */
  readonly map: string;
  /** Times that each measure is repeated; the median counts. */
  readonly rounds: number;
}

/** Milliseconds, and bytes. */
export interface LargeCost {
  readonly loadMs: number;
  readonly heapBytes: number;
  /** Layers of each part. */
  readonly layers: readonly number[];
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly prefill256Ms: number;
  readonly decode32Ms: number;
  readonly decode256Ms: number;
}

/** Decode steps of a measure. */
const steps = 4;

/** The built product, with the scripts of its workers. */
const dist = path.join(__dirname, "..", "..");

async function main({ map, rounds, ...task }: LargeTask): Promise<void> {
  const location = { kind: "path", path: await gpt2LargeModel.file() } as const;
  const platform = nodePlatform(path.join(dist, "ort"), dist);
  const began = performance.now();
  const options = { location, deviceMap: map, cacheFolder: undefined, ...task };
  const { model, weights } = await openModel(platform, options, (message) => console.log(message));
  await weights[Symbol.asyncDispose]();
  await using engine = await OurEngine.over("ours", model, performance.now() - began);
  const repeat = async (measure: () => Promise<number>) => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await measure());
    return percentile(times, 0.5);
  };
  const decode = async (context: number) => percentile(await engine.decode(context, steps), 0.5);
  await engine.decode(32, 1);
  const cost: LargeCost = {
    loadMs: engine.loadMs,
    prefill256Ms: await repeat(() => engine.prefill(256)),
    decode32Ms: await repeat(() => decode(32)),
    decode256Ms: await repeat(() => decode(256)),
    heapBytes: engine.heapBytes,
    layers: model.info.parts?.map(({ layers }) => layers) ?? [model.config.layers],
    residentBytes: process.memoryUsage().rss,
    peakBytes: peakMemory(),
  };
  console.log(JSON.stringify(cost));
}

main(JSON.parse(process.argv[2] ?? "") as LargeTask).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
