/**
 * What we use of ONNX Runtime's WebAssembly module: the C functions that emscripten's glue
 * (`onnxruntime-web/dist/ort-wasm-simd-threaded.mjs`) exports. All pointers, handles and sizes are 32-bit numbers;
 * a handle or an allocation of 0 and a status other than 0 mean failure, and `_OrtGetLastError` says why.
 */
export interface OrtModule {
  /** The heap. Any call that may allocate can replace it: read it again after each. */
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  stackSave(): number;
  stackRestore(stack: number): void;
  stackAlloc(bytes: number): number;
  UTF8ToString(address: number): string;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, address: number, maxBytes: number): void;
  /** Makes bytes available to the next `_OrtCreateSession` as the external data file `path`. */
  mountExternalData(path: string, data: Pick<Uint8Array, "byteLength" | "subarray">): void;
  unmountExternalData(): void;
  _OrtInit(threads: number, logLevel: number): number;
  /** Writes the error code and the address of its message. */
  _OrtGetLastError(codeAddress: number, messageAddress: number): number;
  _OrtCreateSessionOptions(
    optimizationLevel: number,
    enableArena: boolean,
    enableMemoryPattern: boolean,
    executionMode: number,
    enableProfiling: boolean,
    profilePrefix: number,
    logId: number,
    logSeverity: number,
    logVerbosity: number,
    optimizedModelPath: number,
  ): number;
  _OrtReleaseSessionOptions(options: number): number;
  _OrtCreateSession(model: number, modelBytes: number, options: number): number | Promise<number>;
  _OrtReleaseSession(session: number): number;
  /** Wraps memory as a tensor without copying it. `location` 1 is the CPU. */
  _OrtCreateTensor(
    elementType: number,
    data: number,
    bytes: number,
    dims: number,
    rank: number,
    location: number,
  ): number;
  /** Writes element type, data address, dims address (to be freed with `_OrtFree`) and rank. */
  _OrtGetTensorData(tensor: number, type: number, data: number, dims: number, rank: number): number;
  _OrtReleaseTensor(tensor: number): number;
  _OrtFree(address: number): void;
  _OrtRun(
    session: number,
    inputNames: number,
    inputs: number,
    inputCount: number,
    outputNames: number,
    outputCount: number,
    outputs: number,
    runOptions: number,
  ): number | Promise<number>;
}

/** A loaded module and its threads. Disposing it ends the threads; the memory goes with the last reference. */
export interface OrtInstance extends Disposable {
  readonly module: OrtModule;
  readonly threads: number;
}

/**
 * Loads a fresh module, on whatever platform this is, that computes on `threads` threads, or on fewer if the platform has no more;
 * 0 lets the platform choose.
 */
export type OrtLoader = (threads: number) => Promise<OrtInstance>;
