import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import { ComputeError } from "../../errors";
import type { OrtLoader, OrtModule } from "./ortModule";

type Glue = (options: { numThreads: number }) => Promise<OrtModule>;

/**
 * Loads ONNX Runtime in Node from `folder`, which holds `ort-wasm-simd-threaded.mjs` and `.wasm`.
 * The glue starts its threads from its own file, so that must stay a file of its own.
 * @throws ComputeError when the files are not there or cannot be run.
 */
export function nodeOrtLoader(folder: string): OrtLoader {
  const url = pathToFileURL(join(folder, "ort-wasm-simd-threaded.mjs")).href;
  return (wanted) => afterOthers(() => load(url, threadCount(wanted)));
}

let lastLoad: Promise<unknown> = Promise.resolve();

/** Loads one module after the other, since each changes global objects while it starts. */
function afterOthers<T>(load: () => Promise<T>): Promise<T> {
  const loaded = lastLoad.then(load);
  // Without its value: that would keep the module and its memory.
  const ended = () => undefined;
  lastLoad = loaded.then(ended, ended);
  return loaded;
}

async function load(url: string, threads: number) {
  const workers: Worker[] = [];
  const end = () => workers.forEach((worker) => void worker.terminate());
  const restore = collectWorkers(workers);
  try {
    const { default: glue } = (await import(url)) as { default: Glue };
    const module = await withoutWaitAsync(() => glue({ numThreads: threads }));
    return { module, threads, [Symbol.dispose]: end };
  } catch (error) {
    end();
    throw new ComputeError(
      "The engine's WebAssembly files could not be loaded. Install the extension again.",
      String(error),
    );
  } finally {
    restore();
  }
}

/** More threads than this only cost memory, whatever a setting asks for. */
const mostThreads = 32;

/** How many threads there should be. @param wanted 0: chosen from the machine */
export function threadCount(wanted: number): number {
  return wanted > 0 ? Math.min(wanted, mostThreads) : defaultThreads(availableParallelism());
}

/**
 * Past four threads GPT-2's small matrices gain little; with cores to spare, one is left to the editor.
 *
 * This is not measured, on purpose. The threads of a module are fixed when it starts, so a comparison takes a second module with a
 * second copy of the weights; and what it finds is how busy the machine is at that moment: two threads are 1.6 to 1.8 times as fast
 * as one on two free cores and slower on taken ones. An idle machine gets what its cores suggest anyway, and one that was measured
 * while the editor started would keep one thread for good. The setting `gpt2.threads` overrides this.
 */
export function defaultThreads(cores: number): number {
  return cores <= 2 ? Math.max(1, cores) : Math.min(4, cores - 1);
}

/**
 * The glue waits with `Atomics.waitAsync` for messages from its threads, and never stops: the promise would keep the module and its memory for
 * as long as the process lives. Where there is no such function, which it looks up when it starts, it receives messages otherwise.
 */
async function withoutWaitAsync<T>(start: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(Atomics, "waitAsync");
  Object.defineProperty(Atomics, "waitAsync", { configurable: true, value: undefined });
  try {
    return await start();
  } finally {
    if (before) Object.defineProperty(Atomics, "waitAsync", before);
    else Reflect.deleteProperty(Atomics, "waitAsync");
  }
}

/**
 * The glue assigns Node's Worker to the global object and starts its threads from there, but has no way to end them.
 * Until the returned function is called, whatever it assigns, it gets a Worker that is also put into `workers`.
 */
function collectWorkers(workers: Worker[]): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  class CollectedWorker extends Worker {
    constructor(...parameters: ConstructorParameters<typeof Worker>) {
      super(...parameters);
      workers.push(this);
    }
  }
  Object.defineProperty(globalThis, "Worker", {
    configurable: true,
    get: () => CollectedWorker,
    set: () => undefined,
  });
  return () => {
    if (before) Object.defineProperty(globalThis, "Worker", before);
    else Reflect.deleteProperty(globalThis, "Worker");
  };
}
