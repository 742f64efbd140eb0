import { freeArray } from "../../weights/freeArray";
import type { OrtModule } from "./ortModule";
import type { OrtRuntime } from "./ortRuntime";

const allOptimizations = 99;
/** An arena would keep the largest prefill's memory for good. */
const noArena = false;
/** Patterns are kept for each shape, and here every step has another. */
const noMemoryPattern = false;
const sequential = 0;
const logErrors = 3;
const pointerBytes = 4;

/** An ONNX model that is ready to run on tensors in the heap. */
export class OrtSession implements Disposable {
  /** Memory for the four pointer arrays of `_OrtRun`. */
  readonly #arguments: number;
  readonly #names: ReadonlyMap<string, number>;
  readonly #runtime: OrtRuntime;
  readonly #handle: number;
  readonly #inputNames: readonly string[];

  private constructor(
    runtime: OrtRuntime,
    handle: number,
    inputNames: readonly string[],
    outputNames: readonly string[],
  ) {
    this.#runtime = runtime;
    this.#handle = handle;
    this.#inputNames = inputNames;
    const names = [...inputNames, ...outputNames];
    this.#names = new Map(names.map((name) => [name, runtime.allocateString(name)]));
    this.#arguments = runtime.allocate(2 * pointerBytes * names.length);
  }

  /**
   * Creates a session from a serialized model whose external data are `externalData`. ONNX Runtime copies them into the heap one after
   * the other, and those that have a buffer of their own are freed as it proceeds, so a large model is never in memory twice.
   * @throws ComputeError when it refuses the model or memory runs out.
   */
  static async create(
    runtime: OrtRuntime,
    model: Uint8Array,
    externalData: ReadonlyMap<string, Uint8Array>,
    inputNames: readonly string[],
    outputNames: readonly string[],
  ): Promise<OrtSession> {
    const { module } = runtime;
    const handle = module._OrtCreateSessionOptions(
      allOptimizations,
      noArena,
      noMemoryPattern,
      sequential,
      false,
      0,
      0,
      logErrors,
      0,
      0,
    );
    if (handle === 0) throw runtime.lastError("The engine did not start.");
    const address = runtime.allocate(model.length);
    try {
      mountOnce(module, externalData);
      module.HEAPU8.set(model, address);
      const session = await module._OrtCreateSession(address, model.length, handle);
      if (session === 0) throw runtime.lastError("The model could not be prepared.");
      return new OrtSession(runtime, session, inputNames, outputNames);
    } finally {
      module.unmountExternalData();
      runtime.free(address);
      module._OrtReleaseSessionOptions(handle);
    }
  }

  /**
   * Runs the model on tensors by name. An output of 0 is allocated by ONNX Runtime and belongs to the caller then; one that is given is
   * written in place. Outputs that are not requested are not copied out.
   * @returns the outputs, in the order of `outputs`.
   * @throws ComputeError
   */
  async run(inputs: ReadonlyMap<string, number>, outputs: ReadonlyMap<string, number>): Promise<readonly number[]> {
    const runtime = this.#runtime;
    const inputNames = this.#inputNames;
    const names = [...inputNames, ...outputs.keys()].map((name) => this.#names.get(name) ?? 0);
    const values = [...inputNames.map((name) => inputs.get(name) ?? 0), ...outputs.values()];
    const namesAddress = this.#arguments;
    const valuesAddress = namesAddress + pointerBytes * names.length;
    runtime.pointers(namesAddress, names.length).set(names);
    runtime.pointers(valuesAddress, values.length).set(values);
    const outputOffset = pointerBytes * inputNames.length;
    const status = await runtime.module._OrtRun(
      this.#handle,
      namesAddress,
      valuesAddress,
      inputNames.length,
      namesAddress + outputOffset,
      outputs.size,
      valuesAddress + outputOffset,
      0,
    );
    runtime.check(status, "The model could not be run.");
    return Array.from(runtime.pointers(valuesAddress + outputOffset, outputs.size));
  }

  [Symbol.dispose](): void {
    this.#runtime.module._OrtReleaseSession(this.#handle);
    for (const name of this.#names.values()) this.#runtime.free(name);
    this.#runtime.free(this.#arguments);
  }
}

/**
 * Mounts arrays as external data, and frees each large one that has a buffer of its own when the next one is read: by then the glue has
 * copied it. The glue reads each of those once and completely, and uses only the two members that are given here.
 */
function mountOnce(module: OrtModule, arrays: ReadonlyMap<string, Uint8Array>): void {
  // ONNX Runtime asks for small ones more than once; those are not freed.
  let copied: Uint8Array | undefined;
  for (const [name, array] of arrays) {
    const { byteLength } = array;
    const subarray = (start: number, end: number) => {
      if (copied) freeArray(copied);
      copied = array;
      return array.subarray(start, end);
    };
    module.mountExternalData(name, { byteLength, subarray });
  }
}
