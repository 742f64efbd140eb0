import relaxedSimd from "./assembly/index.relaxed.wasm";
import simd from "./assembly/index.wasm";

/** The functions of `assembly/index.ts`. All parameters are addresses or 32-bit numbers. */
export interface Kernels {
  step(plan: number): void;
  work(plan: number, thread: number): void;
  end(plan: number): void;
  /** Targets are those of `assembly/outputs.ts`. */
  linear(
    plan: number,
    matrix: number,
    from: number,
    to: number,
    firstRow: number,
    endRow: number,
    target: number,
    thread: number,
  ): void;
  /** Quantizes a row's queries, and stores its keys and values in the cache. */
  cacheRow(plan: number, layer: number, row: number): void;
  attentionPieces(plan: number, layer: number): number;
  attention(plan: number, from: number, to: number, layer: number, scale: number, thread: number): void;
  layerNorm(x: number, gain: number, bias: number, out: number, width: number, epsilon: number): void;
  quantize(plan: number, x: number, out: number, count: number, blockScales: number): void;
  activateAll(form: number, x: number, out: number, count: number): void;
  expAll(x: number, out: number, count: number): void;
  largestOfAll(x: number, count: number): number;
  sumExp(x: number, count: number, largest: number): number;
  read(address: number, bytes: number): number;
  /** @returns multiply-adds */
  multiplyInRegisters(rounds: number, memory: number): number;
  /** The end of the memory that the module initializes. */
  constantsEnd(): number;
}

/** Compiles the kernels with relaxed SIMD, which not every machine can use (see `relaxedDot.ts`), or without. Both give the same numbers. */
export async function compileKernels(relaxed: boolean): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytes(relaxed));
}

function bytes(relaxed: boolean): Uint8Array<ArrayBuffer> {
  return new Uint8Array(relaxed ? relaxedSimd : simd);
}

export async function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports as unknown as Kernels;
}
