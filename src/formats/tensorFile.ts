import type { ByteSource } from "./byteSource";

/** The file formats that weights are read from; each has an entry in `registry.ts`. */
export type FormatId = "gguf" | "safetensors" | "pytorch" | "onnx" | "tensorflow" | "llmc";

/** A tensor that a file holds, before anything of it is read. */
export interface TensorInfo {
  readonly name: string;
  /** Row-major, outermost dimension first (GGUF's order is reversed on reading). */
  readonly shape: readonly number[];
  /** A type that `layoutOf` knows, or the file's name of one that can be listed but not read, such as `BOOL`. */
  readonly type: string;
  /** Bytes in the file. */
  readonly byteLength: number;
}

/** A file of named tensors, or several that belong together. Reading a tensor dequantizes that tensor only. */
export interface TensorFile extends AsyncDisposable {
  readonly format: FormatId;
  /** The file, or the shards. They are closed with this. */
  readonly sources: readonly ByteSource[];
  /** Key-value metadata: GGUF's keys, or safetensors' `__metadata__`. */
  readonly metadata: ReadonlyMap<string, unknown>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Reads a tensor as 32-bit floats, all of it or `rows` of its outermost dimension.
   * @throws ModelFileError when there is no such tensor, its type cannot be read, or the file ends early.
   */
  read(name: string, rows?: { readonly from: number; readonly count: number }): Promise<Float32Array>;
  /** Whether {@link read} knows the type of a tensor. @throws ModelFileError when there is no such tensor */
  canRead(name: string): boolean;
  /** The raw bytes of a tensor, `length` of them from its `offset` on. @throws ModelFileError as {@link read}. */
  readBytes(name: string, offset: number, length: number): Promise<Uint8Array>;
}
