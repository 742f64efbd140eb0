import { once } from "node:events";
import { parentPort, Worker } from "node:worker_threads";
import type { BenchEngine, Traffic } from "../engine";

/** What a worker says first: that its engine is open. */
interface Opened {
  readonly name: string;
  readonly threads: number;
  readonly traffic: Traffic;
  readonly loadMs: number;
}

type Call = readonly ["decode" | "key", number, number] | readonly ["prefill", number];

/** An engine in a worker, for libraries that can be set up only once in a thread. Times are taken there. */
export async function openRemote(script: string, workerData: unknown): Promise<BenchEngine> {
  const worker = new Worker(script, { workerData });
  const [opened] = (await once(worker, "message")) as [Opened];
  const ask = async (call: Call): Promise<number[]> => {
    worker.postMessage(call);
    const [times] = (await once(worker, "message")) as [number[]];
    return times;
  };
  return {
    ...opened,
    heapBytes: 0,
    decode: (context, steps) => ask(["decode", context, steps]),
    prefill: async (length) => (await ask(["prefill", length]))[0] ?? NaN,
    key: async (context, added) => (await ask(["key", context, added]))[0] ?? NaN,
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}

/** The worker's side of {@link openRemote}. What it throws reaches the other side as the worker's error. */
export async function serveEngine(opening: Promise<BenchEngine>): Promise<void> {
  const engine = await opening;
  const { name, threads, traffic, loadMs } = engine;
  parentPort?.on("message", (call: Call) => {
    void run(engine, call).then((times) => parentPort?.postMessage(times));
  });
  parentPort?.postMessage({ name, threads, traffic, loadMs } satisfies Opened);
}

async function run(engine: BenchEngine, call: Call): Promise<number[]> {
  switch (call[0]) {
    case "decode":
      return engine.decode(call[1], call[2]);
    case "prefill":
      return [await engine.prefill(call[1])];
    case "key":
      return [await engine.key(call[1], call[2])];
  }
}
