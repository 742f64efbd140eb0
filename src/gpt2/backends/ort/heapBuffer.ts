import { elementBytes, type ElementType } from "./onnx";
import type { OrtRuntime } from "./ortRuntime";

/** Memory in the heap for one input or output, reused by all steps and grown when a step needs more. */
export class HeapBuffer implements Disposable {
  #address = 0;
  #bytes = 0;
  readonly #runtime: OrtRuntime;
  readonly #type: ElementType;

  constructor(runtime: OrtRuntime, type: ElementType) {
    this.#runtime = runtime;
    this.#type = type;
  }

  /** A view of the first `count` numbers, valid until anything is allocated. What was in the buffer may be lost. */
  floats(count: number): Float32Array {
    this.#reserve(count);
    return this.#runtime.floats(this.#address, count);
  }

  /** As {@link floats}, for 64-bit integers. */
  bigInts(count: number): BigInt64Array {
    this.#reserve(count);
    return this.#runtime.bigInts(this.#address, count);
  }

  /** Wraps the buffer's beginning as a tensor; the caller releases it. */
  tensor(shape: readonly number[]): number {
    const bytes = shape.reduce((product, size) => product * size, elementBytes[this.#type]);
    return this.#runtime.createTensor(this.#type, this.#address, bytes, shape);
  }

  [Symbol.dispose](): void {
    if (this.#bytes > 0) this.#runtime.free(this.#address);
    this.#address = 0;
    this.#bytes = 0;
  }

  #reserve(count: number): void {
    const bytes = Math.max(count, 1) * elementBytes[this.#type];
    if (bytes <= this.#bytes) return;
    this[Symbol.dispose]();
    this.#address = this.#runtime.allocate(bytes);
    this.#bytes = bytes;
  }
}
