import type { ByteSource } from "./byteSource";

/** How the numbers of a tensor are stored. The block formats are ggml's. */
export type TensorType = "F32" | "F16" | "BF16" | "F64" | "Q8_0" | "Q4_0";

/** A tensor that a file holds, before anything of it is read. */
export interface TensorInfo {
  readonly name: string;
  /** Row-major, outermost dimension first (GGUF's order is reversed on reading). */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** Bytes in the file. */
  readonly byteLength: number;
}

/** A file of named tensors. Reading one de-quantises that one only. */
export interface TensorFile extends AsyncDisposable {
  readonly format: "gguf" | "safetensors";
  readonly source: ByteSource;
  /** Key-value metadata: GGUF's keys, or safetensors' `__metadata__`. */
  readonly metadata: ReadonlyMap<string, unknown>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Reads a tensor as 32-bit floats, all of it or `rows` of its outermost dimension.
   * @throws ModelFileError when there is no such tensor or the file ends early.
   */
  read(name: string, rows?: { readonly from: number; readonly count: number }): Promise<Float32Array>;
}
