import { Heap } from "./heap";
import { tileBytes } from "./model";
import { compileKernels, instantiateKernels } from "./module";
import { blocksOf, packedBytes, paddedInputs } from "./packMatrix";
import { HeapRecord, matrixFields, planFields } from "./plan";
import { relaxedDot } from "./relaxedDot";

/** A matrix that fits the first-level cache, so that only the instructions count. */
const inputs = 256;
const outputs = 64;
const rows = 6;
/** The target `toLogits` of `assembly/outputs.ts`. */
const toLogits = 3;
/** So many products take a fraction of a millisecond, longer than the resolution of a browser's clock. */
const repeats = 200;

/** Runs of each module. In the first ones its code is not yet optimized. */
const turns = 12;
/** 1 MB is enough. */
const pages = 16;

let chosen: Promise<WebAssembly.Module> | undefined;

/**
 * The kernels that are faster on this machine, measured once, in some 10 ms. Relaxed SIMD is twice as fast or more where the processor has an
 * instruction for its products (AVX-VNNI; the dot products of ARM). Both modules compute the same numbers.
 */
export function kernelsForThisMachine(): Promise<WebAssembly.Module> {
  chosen ??= choose();
  return chosen;
}

async function choose(): Promise<WebAssembly.Module> {
  const dot = relaxedDot();
  if (dot === "none" || dot === "inexact") return compileKernels(false);
  const modules = await Promise.all([true, false].map(compileKernels));
  return fastest(await Promise.all(modules.map((module) => KernelTrial.prepare(module)))).module;
}

/** The trial with the shortest time; the first on a tie. They take turns, so that other load on the machine affects all of them. */
export function fastest<T extends { run(): number }>(trials: readonly T[]): T {
  const best = trials.map(() => Infinity);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, trial] of trials.entries()) best[i] = Math.min(best[i] ?? Infinity, trial.run());
  }
  const winner = trials[best.indexOf(Math.min(...best))];
  if (!winner) throw new RangeError("There is nothing to measure.");
  return winner;
}

/** One of the kernels' modules on trial. */
class KernelTrial {
  readonly #multiply: () => void;

  private constructor(
    readonly module: WebAssembly.Module,
    multiply: () => void,
  ) {
    this.#multiply = multiply;
  }

  static async prepare(module: WebAssembly.Module): Promise<KernelTrial> {
    const heap = new Heap(pages);
    const kernels = await instantiateKernels(module, heap.memory);
    const zeros = (bytes: number) => {
      const address = heap.allocate(bytes);
      heap.bytes.fill(0, address, address + bytes);
      return address;
    };
    const matrix = new HeapRecord(heap, matrixFields, {
      ...{ inputs, outputs, paddedInputs: paddedInputs(inputs) },
      weights: zeros(packedBytes(inputs, outputs)),
      scales: zeros(4 * outputs),
      bias: zeros(4 * outputs),
    });
    const plan = new HeapRecord(heap, planFields, {
      ...{ threads: 1, rows, logitRows: rows },
      quantized: zeros(rows * paddedInputs(inputs) * 2),
      blockScales: zeros(rows * blocksOf(inputs) * 8),
      tiles: zeros(tileBytes),
      logits: zeros(4 * rows * outputs),
    });
    return new KernelTrial(module, () =>
      kernels.linear(plan.address, matrix.address, 0, outputs / 8, 0, rows, toLogits, 0),
    );
  }

  /** Milliseconds of a number of products. */
  run(): number {
    const began = performance.now();
    for (let i = 0; i < repeats; i++) this.#multiply();
    return performance.now() - began;
  }
}
