import { BackendUnavailableError } from "../../errors";
import type { Gpt2Weights } from "../../weights/weights";
import type { Backend, BackendDevice, BackendOptions } from "../backend";
import { adapterName } from "./device";
import { fitsGpu, gpuFormat } from "./gpuFormat";
import type { GpuLoader } from "./gpuHost";
import { GpuRuntime } from "./gpuRuntime";
import { GpuSession } from "./gpuSession";
import { GpuModel, type GpuModelParts } from "./model";
import { gpuPart } from "./part";
import { SelfTest } from "./selfTest";
import { TappedGpuModel } from "./tappedModel";

/**
 * ONNX Runtime on WebGPU, in f32, f16 where the device can, and 8 or 4 bits.
 * @param findGpu the host's WebGPU, without loading anything else; undefined or an error where there is none
 */
export function webGpuBackend(loader: GpuLoader, findGpu: () => Promise<GPU | undefined>): Backend {
  let runtime: Promise<GpuRuntime> | undefined;
  const selfTest = new SelfTest();

  /** The runtime of all models, or a new one when the last has lost its device. */
  async function currentRuntime(): Promise<GpuRuntime> {
    const known = await runtime?.catch(() => undefined);
    if (known && !known.failure) return known;
    runtime = GpuRuntime.open(loader);
    return runtime;
  }

  async function prepare(weights: Gpt2Weights, options: BackendOptions, taps: boolean): Promise<GpuModelParts> {
    const started = performance.now();
    const { config } = weights;
    const { precision, cacheBudgetBytes } = options;
    const opened = await currentRuntime();
    if (precision === "f16" && !opened.half) {
      throw new BackendUnavailableError(
        "The graphics adapter cannot compute in 16 bits (shader-f16). Choose the precision f32, int8 or int4.",
      );
    }
    const format = gpuFormat(precision, opened.half);
    await selfTest.check(opened, config, format);
    const session = await GpuSession.open(opened, weights, format, taps);
    const { weightBytes } = session;
    const loadMs = performance.now() - started;
    const half = format.float === "float16";
    const info = { backend: "webgpu", precision, half, threads: 1, weightBytes, loadMs } as const;
    return { runtime: opened, session, info, cacheBudgetBytes, config };
  }

  async function device(): Promise<BackendDevice | undefined> {
    const adapter = await findGpu()
      .then((gpu) => gpu?.requestAdapter())
      .catch(() => undefined);
    if (!adapter) return undefined;
    return { name: adapterName(adapter.info), software: adapter.info.isFallbackAdapter };
  }

  return {
    id: "webgpu",
    heap: "gpu",
    supports: fitsGpu,
    device,
    open: async (weights, options) => new GpuModel(await prepare(weights, options, false)),
    openTapped: async (weights, options) => new TappedGpuModel(await prepare(weights, options, true)),
    openPart: async (weights, options) => gpuPart(await prepare(weights, options, false)),
  };
}
