import { Heap } from "../../src/gpt2/backends/kernels/heap";
import { instantiateKernels } from "../../src/gpt2/backends/kernels/module";
import { kernelsForThisMachine } from "../../src/gpt2/backends/kernels/trial";
import type { Gpt2Config } from "../../src/gpt2/config/config";
import type { Timing } from "./measures";
import { matrixElements } from "./ours";
import { printTable } from "./table";

/** The speed of matrix products during a measure, against that of products with operands in registers. */
export interface PeakShare {
  readonly measure: string;
  readonly threads: number;
  /** 10⁹ operations a second; a multiply-add is two. Other work of the measure counts as time only. */
  readonly gops: number;
  readonly peakGops: number;
  readonly share: number;
}

/** Of a turn, which takes about a millisecond. */
const rounds = 300_000;
/** The first turns are slow: the engine optimizes the code while it runs. */
const turns = 300;

/** The most operations that one thread of our kernels can do in a millisecond: the best of some runs. */
export async function measurePeak(): Promise<number> {
  const heap = new Heap();
  const kernels = await instantiateKernels(await kernelsForThisMachine(), heap.memory);
  const memory = heap.allocate(192);
  let best = 0;
  for (let turn = 0; turn < turns; turn++) {
    const began = performance.now();
    const products = kernels.multiplyInRegisters(rounds, memory);
    best = Math.max(best, (2 * products) / (performance.now() - began));
  }
  return best;
}

/** Rows through all layers, and rows with logits, of the measures that are bound by arithmetic. */
const rowsOf: Readonly<Record<string, readonly [rows: number, logitRows: number]>> = {
  "prefill 64": [64, 1],
  "prefill 256": [256, 1],
  "prefill 512": [512, 1],
  "prefill 1000": [1000, 1],
  "check 8@256": [8, 8],
};

/** @param peak of one thread, in operations per millisecond */
export function peakShares(config: Gpt2Config, engine: string, timings: readonly Timing[], peak: number): PeakShare[] {
  const head = config.vocabSize * config.width;
  const layers = matrixElements(config) - head;
  return timings.flatMap(({ engine: name, measure, threads, median }) => {
    const rows = name === engine ? rowsOf[measure] : undefined;
    if (!rows) return [];
    const gops = (2 * (rows[0] * layers + rows[1] * head)) / median / 1e6;
    const peakGops = (threads * peak) / 1e6;
    return [{ measure, threads, gops, peakGops, share: gops / peakGops }];
  });
}

export function printPeakShares(model: string, shares: readonly PeakShare[]): void {
  printTable(
    `${model}: share of the machine's peak`,
    ["", "GOPS", "GOPS in registers", "%"],
    shares.map(({ measure, threads, gops, peakGops, share }) => [
      `${measure} T${threads}`,
      gops,
      peakGops,
      100 * share,
    ]),
  );
}
