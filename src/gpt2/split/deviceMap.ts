import type { Backend } from "../backends/backend";
import type { Gpt2Config } from "../config/config";
import { type LayerRange, partConfig } from "../config/part";
import { ComputeError } from "../errors";
import type { BackendId, Precision } from "../languageModel";
import { fitsHeap, neededHeap } from "./heapLimit";

/** The layers of one part in a person's device map. */
export interface DeviceMapEntry {
  /** That of the model unless given. */
  readonly backend?: BackendId;
  readonly layers: number;
}

/** The parts of a model in order, or `auto`: as few as fit. */
export type DeviceMap = "auto" | readonly DeviceMapEntry[];

/** Some layers and what runs them. */
export interface PlannedPart extends LayerRange {
  readonly backend: Backend;
}

const backendIds: readonly BackendId[] = ["kernels", "onnxruntime", "webgpu"];
const advice =
  "Write the layers of each part, such as 18,18, with or without a backend, such as webgpu:20,onnxruntime:16, or auto.";

/**
 * Reads a device map: `auto`, or the numbers of layers of the parts, each after the name of its backend or alone (`webgpu:20,onnxruntime:16`).
 * @throws ComputeError when it is something else
 */
export function parseDeviceMap(text: string): DeviceMap {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed === "auto") return "auto";
  return trimmed.split(",").map((entry) => {
    const [, name, layers = ""] = /^\s*(?:(\w+)\s*:)?\s*([1-9]\d{0,4})\s*$/.exec(entry) ?? [];
    const backend = backendIds.find((id) => id === name);
    if (layers === "" || (name !== undefined && !backend)) {
      throw new ComputeError(`“${entry.trim()}” in the device map is not understood. ${advice}`);
    }
    return { layers: Number(layers), ...(backend && { backend }) };
  });
}

/** A model that is to be distributed. */
export interface Distribution {
  readonly config: Gpt2Config;
  readonly precision: Precision;
  /** What runs the parts for which the map names nothing. */
  readonly backend: Backend;
  readonly backends: readonly Backend[];
  readonly map: DeviceMap;
  readonly cacheBudgetBytes?: number | undefined;
}

/**
 * The parts that a model is split into; one where it need not be.
 * @throws ComputeError when the map does not fit the model or a backend cannot run a part
 */
export function planParts({
  config,
  precision,
  backend,
  backends,
  map,
  cacheBudgetBytes,
}: Distribution): PlannedPart[] {
  if (map === "auto") {
    if (!backend.openPart || backend.heap !== "wasm") return [{ from: 0, to: config.layers, backend }];
    return automaticRanges(config, precision, cacheBudgetBytes).map((range) => ({ ...range, backend }));
  }
  const total = map.reduce((sum, { layers }) => sum + layers, 0);
  if (total !== config.layers) {
    throw new ComputeError(`The device map counts ${total} layers, and the model has ${config.layers}. ${advice}`);
  }
  let from = 0;
  return map.map((entry) => {
    const range = { from, to: from + entry.layers };
    from = range.to;
    return { ...range, backend: backendOf(entry, backend, backends, partConfig(config, range), precision) };
  });
}

/** As few parts of about the same size as fit a heap each. @throws ComputeError when not even single layers do */
export function automaticRanges(
  config: Gpt2Config,
  precision: Precision,
  cacheBudgetBytes: number | undefined,
): readonly LayerRange[] {
  const whole = neededHeap(config, precision, cacheBudgetBytes);
  if (fitsHeap(whole)) return [{ from: 0, to: config.layers }];
  // The caches of a part are those of its layers.
  const cache = whole - neededHeap(config, precision, 0);
  const bytesOf = (range: LayerRange) =>
    neededHeap(partConfig(config, range), precision, (cache * (range.to - range.from)) / config.layers);
  const layer = bytesOf({ from: 0, to: 1 });
  for (let count = 2; count <= config.layers; count++) {
    const ranges = evenRanges(config.layers, count, whole / layer);
    if (ranges.every((range) => fitsHeap(bytesOf(range)))) return ranges;
  }
  throw new ComputeError(
    fitsHeap(neededHeap(partConfig(config, { from: 0, to: 1 }), precision, 0))
      ? "The KV cache is larger than WebAssembly's memory. Choose less memory for it (gpt2.cacheMemory)."
      : "A layer of the model is larger than WebAssembly's memory. Choose the precision int8.",
  );
}

/** @param size of the whole model in layers, the head included */
function evenRanges(layers: number, count: number, size: number): LayerRange[] {
  const ends = Array.from({ length: count }, (_, part) => {
    const even = Math.round(((part + 1) * size) / count);
    // Each of the parts that follow needs a layer.
    return part === count - 1 ? layers : Math.min(Math.max(even, part + 1), layers - (count - 1 - part));
  });
  return ends.map((to, part) => ({ from: ends[part - 1] ?? 0, to }));
}

function backendOf(
  { backend: id }: DeviceMapEntry,
  fallback: Backend,
  backends: readonly Backend[],
  config: Gpt2Config,
  precision: Precision,
): Backend {
  const backend = id === undefined ? fallback : backends.find((one) => one.id === id);
  if (!backend) throw new ComputeError(`The backend ${id} of the device map is not available here.`);
  if (!backend.openPart) throw new ComputeError(`The backend ${backend.id} cannot run a part of a model.`);
  if (backend.supports(config, precision)) return backend;
  throw new ComputeError(`The backend ${backend.id} of the device map cannot run this model in ${precision}.`);
}
