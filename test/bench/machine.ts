import { once } from "node:events";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import type { ReaderTask } from "./bandwidthWorker";

/** What the figures of a run depend on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly node: string;
  readonly platform: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Each thread reads so much, more than a core's caches hold … */
const bytesPerThread = 128 * 2 ** 20;
/** … so often in one measurement. */
const passes = 4;

/** Measures how fast threads can read memory, in bytes per millisecond for all of them together. */
export class BandwidthMeter implements AsyncDisposable {
  private constructor(
    readonly threads: number,
    private readonly workers: readonly Worker[],
  ) {}

  static async start(threads: number): Promise<BandwidthMeter> {
    const workerData: ReaderTask = { bytes: bytesPerThread, passes };
    const workers = Array.from(
      { length: threads },
      () => new Worker(path.join(__dirname, "bandwidthWorker.js"), { workerData }),
    );
    await Promise.all(workers.map((worker) => once(worker, "message")));
    return new BandwidthMeter(threads, workers);
  }

  async measure(): Promise<number> {
    const times = this.workers.map(async (worker) => {
      const answer = once(worker, "message") as Promise<[number]>;
      worker.postMessage("go");
      return (await answer)[0];
    });
    return (this.threads * passes * bytesPerThread) / Math.max(...(await Promise.all(times)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
