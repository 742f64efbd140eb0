import { ComputeError } from "../../errors";
import { type ElementType, elementTypes } from "./onnx";
import type { OrtInstance, OrtLoader, OrtModule } from "./ortModule";

/** `ORT_LOGGING_LEVEL_ERROR`. */
const logErrors = 3;
/** Where a tensor's memory is: the CPU, which here is the WASM heap. */
const cpuLocation = 1;
const pointerBytes = 4;

/** ONNX Runtime's C functions with errors as exceptions, and memory in its heap. */
export class OrtRuntime implements Disposable {
  readonly #instance: OrtInstance;

  private constructor(instance: OrtInstance) {
    this.#instance = instance;
  }

  /** Loads and initializes a module. @throws ComputeError */
  static async load(loader: OrtLoader, threads: number): Promise<OrtRuntime> {
    const runtime = new OrtRuntime(await loader(threads));
    runtime.check(runtime.module._OrtInit(runtime.threads, logErrors), "The engine did not start.");
    return runtime;
  }

  get module(): OrtModule {
    return this.#instance.module;
  }

  get threads(): number {
    return this.#instance.threads;
  }

  /** Bytes of the WASM heap, which grows and never shrinks. */
  get heapBytes(): number {
    return this.module.HEAPU8.length;
  }

  /**
   * Reserves memory in the heap. The heap may move: take new views of it.
   * @throws ComputeError when the heap (4 GiB at most) or the machine has no more.
   */
  allocate(bytes: number): number {
    const address = this.module._malloc(bytes);
    if (address === 0) {
      const megabytes = Math.ceil(bytes / 2 ** 20);
      throw new ComputeError(
        `The model needs ${megabytes} MB more than there is memory for. Choose a smaller model or the precision int8.`,
      );
    }
    return address;
  }

  free(address: number): void {
    this.module._free(address);
  }

  /** The heap's bytes. Valid until anything is allocated. */
  get bytes(): Uint8Array {
    return this.module.HEAPU8;
  }

  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.module.HEAPU8.buffer, address, count);
  }

  bigInts(address: number, count: number): BigInt64Array {
    return new BigInt64Array(this.module.HEAPU8.buffer, address, count);
  }

  pointers(address: number, count: number): Uint32Array {
    return new Uint32Array(this.module.HEAPU8.buffer, address, count);
  }

  /** Wraps heap memory as a tensor without copying it; {@link releaseTensor} frees the wrapper only. */
  createTensor(type: ElementType, address: number, bytes: number, shape: readonly number[]): number {
    const { module } = this;
    const stack = module.stackSave();
    try {
      const dims = module.stackAlloc(pointerBytes * shape.length);
      this.pointers(dims, shape.length).set(shape);
      const tensor = module._OrtCreateTensor(elementTypes[type], address, bytes, dims, shape.length, cpuLocation);
      if (tensor === 0) throw this.lastError("A tensor could not be made.");
      return tensor;
    } finally {
      module.stackRestore(stack);
    }
  }

  releaseTensor(tensor: number): void {
    this.module._OrtReleaseTensor(tensor);
  }

  /** The numbers of a float tensor, copied out of the heap, and its shape. */
  readTensor(tensor: number): { readonly shape: readonly number[]; readonly data: Float32Array } {
    const { module } = this;
    const stack = module.stackSave();
    try {
      const fields = module.stackAlloc(4 * pointerBytes);
      const field = (index: number) => fields + index * pointerBytes;
      const status = module._OrtGetTensorData(tensor, field(0), field(1), field(2), field(3));
      this.check(status, "A tensor could not be read.");
      const [, address = 0, dims = 0, rank = 0] = this.pointers(fields, 4);
      const shape = Array.from(this.pointers(dims, rank));
      module._OrtFree(dims);
      const count = shape.reduce((product, size) => product * size, 1);
      return { shape, data: this.floats(address, count).slice() };
    } finally {
      module.stackRestore(stack);
    }
  }

  /** Puts a zero-terminated string into the heap; the caller frees it. */
  allocateString(text: string): number {
    const bytes = this.module.lengthBytesUTF8(text) + 1;
    const address = this.allocate(bytes);
    this.module.stringToUTF8(text, address, bytes);
    return address;
  }

  /** @throws ComputeError with ONNX Runtime's own words as detail when `status` is not 0. */
  check(status: number, message: string): void {
    if (status !== 0) throw this.lastError(message);
  }

  lastError(message: string): ComputeError {
    const { module } = this;
    const stack = module.stackSave();
    try {
      const fields = module.stackAlloc(2 * pointerBytes);
      module._OrtGetLastError(fields, fields + pointerBytes);
      const [code = 0, text = 0] = this.pointers(fields, 2);
      const detail = text === 0 ? `code ${code}` : `code ${code}: ${module.UTF8ToString(text)}`;
      return new ComputeError(`${message} ONNX Runtime said: ${detail}`, detail);
    } finally {
      module.stackRestore(stack);
    }
  }

  [Symbol.dispose](): void {
    this.#instance[Symbol.dispose]();
  }
}
