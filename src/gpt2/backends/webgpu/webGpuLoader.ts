import { BackendUnavailableError, ComputeError } from "../../errors";
import type { GpuHost, GpuLoader } from "./gpuHost";

/**
 * Loads ONNX Runtime's WebGPU build in a web worker.
 * @param read reads `ort.webgpu.bundle.min.mjs` and `ort-wasm-simd-threaded.asyncify.wasm` when they are needed
 * @throws BackendUnavailableError in a browser without WebGPU
 */
export function webGpuLoader(read: (file: string) => Promise<Uint8Array>): GpuLoader {
  return async (): Promise<GpuHost> => {
    const gpu = await webGpu();
    if (!gpu || !(await gpu.requestAdapter())) {
      throw new BackendUnavailableError("This browser has no WebGPU, or finds no graphics adapter.");
    }
    const [script, wasm] = await Promise.all([
      read("ort.webgpu.bundle.min.mjs"),
      read("ort-wasm-simd-threaded.asyncify.wasm"),
    ]);
    const url = URL.createObjectURL(new Blob([new Uint8Array(script)], { type: "text/javascript" }));
    try {
      const ort = (await import(url)) as GpuHost["ort"];
      ort.env.wasm.numThreads = 1;
      ort.env.wasm.wasmBinary = new Uint8Array(wasm).buffer;
      return { ort, gpu };
    } catch (error) {
      throw new ComputeError("The engine's WebGPU files could not be loaded in this browser.", String(error));
    } finally {
      URL.revokeObjectURL(url);
    }
  };
}

/** The browser's WebGPU. The property is missing in browsers without it, and outside of secure contexts. */
export function webGpu(): Promise<GPU | undefined> {
  const { gpu } = navigator as { readonly gpu?: GPU };
  return Promise.resolve(gpu);
}
