import relaxedSimd from "./assembly/index.relaxed.wasm";
import simd from "./assembly/index.wasm";

/** The functions of `assembly/index.ts`. All parameters are addresses or 32-bit numbers. */
export interface Kernels {
  step(plan: number): void;
  work(plan: number, thread: number): void;
  end(plan: number): void;
  /** Targets are those of `assembly/linear.ts`. */
  linear(
    plan: number,
    matrix: number,
    from: number,
    to: number,
    first: number,
    rows: number,
    target: number,
    layer: number,
  ): void;
  attentionPieces(plan: number): number;
  attention(plan: number, from: number, to: number, layer: number, scale: number, thread: number): void;
  layerNorm(x: number, gain: number, bias: number, out: number, width: number, epsilon: number): void;
  quantize(x: number, out: number, count: number, range: number): number;
  activateAll(form: number, x: number, out: number, count: number): void;
  expAll(x: number, out: number, count: number): void;
  read(address: number, bytes: number): number;
}

/**
 * A module with nothing but a function of the instruction `i32x4.relaxed_dot_i8x16_i7x16_add_s`: an engine that knows relaxed SIMD
 * takes it.
 */
const relaxedProbe = Uint8Array.of(
  // Magic number and version; a type () → (v128); a function of that type.
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  // Its body: i32.const 0, i8x16.splat, three times; the dot product; end.
  ...[0x0a, 0x13, 0x01, 0x11, 0x00],
  ...[0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f],
  ...[0xfd, 0x93, 0x02, 0x0b],
);

export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(relaxedProbe);
}

/** Compiles the kernels, with relaxed SIMD (see {@link hasRelaxedSimd}) or without. Both give the same numbers. */
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
