import glue from "onnxruntime-web/ort-wasm-simd-threaded.mjs";
import { ComputeError } from "./errors";
import type { OrtLoader, OrtModule } from "./ortModule";

type Glue = (options: { numThreads: number; wasmBinary: Uint8Array }) => Promise<OrtModule>;

/**
 * Loads ONNX Runtime in a web worker from the bytes of its WebAssembly file, on one thread: the extension host's page is not
 * cross-origin isolated, and more threads hang there.
 * @throws ComputeError when the host cannot run it (no SIMD, no memory).
 */
export function webOrtLoader(wasmBinary: Uint8Array): OrtLoader {
  return async () => {
    try {
      const module = await (glue as Glue)({ numThreads: 1, wasmBinary });
      return { module, threads: 1, [Symbol.dispose]: () => undefined };
    } catch (error) {
      throw new ComputeError("WebAssembly could not be started in this browser.", String(error));
    }
  };
}
