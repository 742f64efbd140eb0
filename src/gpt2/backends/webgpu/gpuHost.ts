import type * as OnnxRuntime from "onnxruntime-web/webgpu";

/** ONNX Runtime's public API in its WebGPU build, and the GPU of the host that it runs in. */
export interface GpuHost {
  readonly ort: typeof OnnxRuntime;
  readonly gpu: GPU;
}

/**
 * Loads a fresh ONNX Runtime, on whatever platform this is. One that has lost its device never works again, so each call loads another.
 * @throws BackendUnavailableError when the host has no WebGPU, ComputeError when ONNX Runtime cannot be loaded
 */
export type GpuLoader = () => Promise<GpuHost>;
