import { tokenizerFor } from "../../src/tokenizer/tokenizerFor";
import { type Aim, checkAims, printAims } from "./aims";
import { type Drafting, timeDrafting } from "./drafting";
import { type BenchEngine, label } from "./engine";
import { Filter } from "./filter";
import { type Loading, timeLoading } from "./load";
import { BandwidthMeter } from "./machine";
import { type Effort, longPrefill, type Measure, measures, timeAll, type Timing } from "./measures";
import { type BenchModel, bundledModel, gpt2SmallModel, openBenchWeights } from "./models";
import { nameOf, openOurs, type OurEngine, ourVariants, type Variant } from "./ours";
import { measurePeak, peakShares, type PeakShare, printPeakShares } from "./peak";
import { openPeers, peerLabels } from "./peers";
import { printTable } from "./table";

export interface EngineBenchOptions {
  readonly peers: boolean;
  readonly quick: boolean;
  readonly only: readonly string[];
}

interface ModelFigures {
  readonly model: string;
  readonly timings: readonly Timing[];
  readonly peakShares: readonly PeakShare[];
  readonly loading: readonly Loading[];
  readonly drafting: readonly Drafting[];
}

interface EngineFigures {
  /** Bytes per millisecond, by threads. */
  readonly bandwidth: Readonly<Record<string, number>>;
  readonly models: readonly ModelFigures[];
  readonly aims: readonly Aim[];
}

const sections = ["drafting", "loading"];

/** Times our engine, and with `peers` others, and prints what came of it. */
export async function benchEngines({ peers, quick, only }: EngineBenchOptions): Promise<EngineFigures> {
  const filter = new Filter(only);
  const effort = quick ? { rounds: 2, steps: 3 } : { rounds: 7, steps: 6 };
  const meters = await Promise.all([1, 2].map((threads) => BandwidthMeter.start(threads)));
  try {
    const bandwidth = await showBandwidth(meters);
    const models: ModelFigures[] = [];
    for (const model of filter.choose([bundledModel, gpt2SmallModel], ({ name }) => name)) {
      const variants = filter.choose(ourVariants, variantLabel, peers ? peerLabels : []);
      const sectionWanted = (name: string) =>
        filter.wants(name, [...measures.map((measure) => measure.name), ...sections.filter((other) => other !== name)]);
      const chosen = measures.some(({ name }) => filter.wants(name, sections))
        ? filter.choose(model === bundledModel ? [longPrefill, ...measures] : measures, ({ name }) => name)
        : [];
      models.push({
        model: model.name,
        ...(await benchSteps(model, variants, chosen, meters, effort, peers && model === gpt2SmallModel, filter)),
        loading: sectionWanted("loading") ? await benchLoading(model, variants, quick ? 1 : 3) : [],
        drafting:
          sectionWanted("drafting") && model === bundledModel ? await benchDrafting(model, quick ? 20 : 200) : [],
      });
    }
    const aims = models.flatMap(({ model, timings, drafting }) => checkAims(model, timings, drafting));
    printAims(aims);
    return { bandwidth, models, aims };
  } finally {
    for (const meter of meters) await meter[Symbol.asyncDispose]();
  }
}

async function showBandwidth(meters: readonly BandwidthMeter[]): Promise<Record<string, number>> {
  const bandwidth: Record<string, number> = {};
  for (const meter of meters) {
    const samples = [await meter.measure(), await meter.measure(), await meter.measure()];
    bandwidth[`T${meter.threads}`] = Math.max(...samples);
  }
  const texts = Object.entries(bandwidth).map(([threads, rate]) => `${(rate / 1e6).toFixed(1)} GB/s ${threads}`);
  console.log(`Reading memory: ${texts.join(", ")}`);
  return bandwidth;
}

async function benchSteps(
  model: BenchModel,
  variants: readonly Variant[],
  chosen: readonly Measure[],
  meters: readonly BandwidthMeter[],
  effort: Effort,
  peers: boolean,
  filter: Filter,
): Promise<Pick<ModelFigures, "timings" | "peakShares">> {
  if (chosen.length === 0) return { timings: [], peakShares: [] };
  await using stack = new AsyncDisposableStack();
  const ours: OurEngine[] = [];
  for (const variant of variants) {
    showProgress(`opening ${nameOf(variant)} T${variant.threads}`);
    ours.push(stack.use(await openOurs(model, variant)));
  }
  const engines: BenchEngine[] = [...ours];
  for (const peer of peers ? await openPeers(model, filter, ourVariants.map(variantLabel), showProgress) : [])
    engines.push(stack.use(peer));
  const timings = await timeAll(engines, chosen, meters, effort, showProgress);
  showProgress("");
  printTimings(model, engines, chosen, timings);
  const peak = await measurePeak();
  const [kernels] = ours.filter(({ session }) => session.info.backend === "kernels");
  const shares = kernels ? peakShares(kernels.session.config, kernels.name, timings, peak) : [];
  printPeakShares(model.name, shares);
  return { timings, peakShares: shares };
}

function printTimings(
  { name }: BenchModel,
  engines: readonly BenchEngine[],
  chosen: readonly Measure[],
  timings: readonly Timing[],
): void {
  const find = (engine: BenchEngine, measure: Measure) =>
    timings.find((one) => one.engine === engine.name && one.threads === engine.threads && one.measure === measure.name);
  const baseline = (engine: BenchEngine) => engines.find((other) => other.threads === engine.threads) ?? engine;
  const head = ["", ...chosen.map((measure) => measure.name)];
  printTable(
    `${name}: milliseconds (median)`,
    head,
    engines.map((engine) => [label(engine), ...chosen.map((measure) => find(engine, measure)?.median)]),
  );
  printTable(
    `${name}: times the first engine with as many threads`,
    head,
    engines.map((engine) => [
      label(engine),
      ...chosen.map((measure) => {
        const first = find(baseline(engine), measure)?.median ?? NaN;
        return (find(engine, measure)?.median ?? NaN) / first;
      }),
    ]),
  );
  const decoding = chosen.filter(({ decodes }) => decodes);
  if (decoding.length === 0) return;
  printTable(
    `${name}: decode steps, times what reading their bytes takes`,
    ["", "MB of weights", ...decoding.map((measure) => measure.name)],
    engines.map((engine) => [
      label(engine),
      engine.traffic.weights / 1e6,
      ...decoding.map((measure) => {
        const timing = find(engine, measure);
        return timing?.floor === undefined ? undefined : timing.median / timing.floor;
      }),
    ]),
  );
}

async function benchLoading(model: BenchModel, variants: readonly Variant[], rounds: number): Promise<Loading[]> {
  const loading = await timeLoading(model, variants, rounds, showProgress);
  showProgress("");
  printTable(
    `${model.name}: loading`,
    ["", "ms", "ms, prepared", "MB resident", "MB, prepared", "MB WASM heap", "MB JavaScript"],
    loading.map((one) => [
      label({ ...one, name: one.engine }),
      one.loadMs,
      one.againMs,
      one.residentMB,
      one.residentAgainMB,
      one.heapMB,
      one.scriptMB,
    ]),
  );
  return loading;
}

async function benchDrafting(model: BenchModel, count: number): Promise<Drafting[]> {
  await using engine = await openOurs(model, { precision: "int8", threads: 1, backend: "kernels" });
  await using weights = await openBenchWeights(model);
  const tokenizer = tokenizerFor(weights.config, weights.vocabulary);
  const drafting = await timeDrafting(engine.session, tokenizer, count, showProgress);
  showProgress("");
  printTable(
    `${model.name}: drafting on held-out code, ours int8 T1`,
    [
      "",
      "completions",
      "tokens",
      "ms/token plain",
      "drafted",
      "times faster",
      "tokens/step",
      "% accepted",
      "different",
    ],
    drafting.map((one) => [
      one.stop,
      String(one.completions),
      String(one.tokens),
      one.plainMs,
      one.draftedMs,
      one.plainMs / one.draftedMs,
      one.tokensPerStep,
      100 * one.acceptance,
      String(one.different),
    ]),
  );
  return drafting;
}

function variantLabel(variant: Variant): string {
  return label({ name: nameOf(variant), threads: variant.threads });
}

/** One line that is written over, where there is a person to see it. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
