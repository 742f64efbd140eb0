import { loadPreparedWeights } from "../../weights/preparedWeights";
import type { Gpt2Weights } from "../../weights/weights";
import type { Backend, BackendOptions } from "../backend";
import { fitsKernels } from "./model";
import { kernelPart, tappedKernelPart } from "./part";
import { KernelRunner, rowsTogether } from "./runner";
import { openKernelSession, openTappedKernelSession } from "./session";
import type { KernelThreads } from "./threads";

/**
 * Our own WebAssembly SIMD kernels, for int8.
 * @param kernelThreads further threads; without them there is one
 */
export function kernelsBackend(kernelThreads: KernelThreads | undefined): Backend {
  const prepare = async (weights: Gpt2Weights, options: BackendOptions) => {
    const started = performance.now();
    const prepared = await loadPreparedWeights(weights, options);
    const { threads, cacheBudgetBytes } = options;
    return [weights.config, prepared, { threads, kernelThreads, cacheBudgetBytes, started }] as const;
  };
  return {
    id: "kernels",
    heap: "wasm",
    supports: (config, precision) => precision === "int8" && fitsKernels(config),
    open: async (weights, options) => openKernelSession(...(await prepare(weights, options))),
    openTapped: async (weights, options) => openTappedKernelSession(...(await prepare(weights, options))),
    openPart: async (weights, options) =>
      kernelPart(await KernelRunner.open(...(await prepare(weights, options)), rowsTogether)),
    openTappedPart: async (weights, options) =>
      tappedKernelPart(await KernelRunner.open(...(await prepare(weights, options)), weights.config.contextLength)),
  };
}
