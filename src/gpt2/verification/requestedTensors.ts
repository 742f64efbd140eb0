import type { Tensor } from "../taps";

/** Keeps the requested tensors of a forward pass. */
export class RequestedTensors {
  readonly tensors = new Map<string, Tensor>();
  readonly #names: ReadonlySet<string>;

  /** @param names of the tensors to keep, see `tap` */
  constructor(names: readonly string[] = []) {
    this.#names = new Set(names);
  }

  add(name: string, shape: readonly number[], data: Float64Array): void {
    if (this.#names.has(name)) this.tensors.set(name, { shape, data });
  }
}
