import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BackendUnavailableError, ComputeError } from "../../errors";
import type { GpuHost, GpuLoader } from "./gpuHost";

/** The npm package that brings WebGPU to Node. It is for development, and not part of the extension. */
interface DawnPackage {
  create(options: readonly string[]): GPU;
  readonly globals: Record<string, unknown>;
}

let loads = 0;
let dawn: GPU | undefined;

/** What a developer reads where it is not installed. */
const notInstalled =
  "WebGPU in Node needs the npm package webgpu, which is not part of the extension. Run npm install in its repository.";

/**
 * Loads ONNX Runtime's WebGPU build in Node from `folder`, on the GPU that the npm package `webgpu` finds.
 * @param findGpu in place of {@link nodeGpu}
 * @throws BackendUnavailableError where that package is not installed
 */
export function nodeGpuLoader(folder: string, findGpu: () => Promise<GPU> = nodeGpu): GpuLoader {
  return async (): Promise<GpuHost> => {
    const gpu = await findGpu();
    // A module is loaded once for each address.
    const url = `${pathToFileURL(join(folder, "ort.webgpu.bundle.min.mjs")).href}?${loads++}`;
    try {
      const ort = (await import(url)) as GpuHost["ort"];
      ort.env.wasm.numThreads = 1;
      const wasm = await readFile(join(folder, "ort-wasm-simd-threaded.asyncify.wasm"));
      ort.env.wasm.wasmBinary = new Uint8Array(wasm).buffer;
      return { ort, gpu };
    } catch (error) {
      throw new ComputeError(
        "The engine's WebGPU files could not be loaded. Install the extension again.",
        String(error),
      );
    }
  };
}

/**
 * WebGPU of the npm package.
 * @param absent what a person reads where it is not installed
 * @throws BackendUnavailableError there
 */
export async function nodeGpu(absent = notInstalled): Promise<GPU> {
  return (dawn ??= await openDawn(absent));
}

async function openDawn(absent: string): Promise<GPU> {
  let dawnPackage: DawnPackage;
  try {
    dawnPackage = (await import("webgpu")) as unknown as DawnPackage;
  } catch (error) {
    throw new BackendUnavailableError(absent, String(error));
  }
  Object.assign(globalThis, dawnPackage.globals);
  const gpu = dawnPackage.create([]);
  // ONNX Runtime looks for it there.
  Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true });
  return gpu;
}
