import { cpus } from "node:os";
import { setImmediate as nextTick } from "node:timers/promises";
import { nodeModelFiles } from "../../formats/nodeFiles";
import { kernelsBackend } from "../../gpt2/backends/kernels/backend";
import { nodeThreads } from "../../gpt2/backends/kernels/nodeThreads";
import { nodePreparedWeightsCache } from "../../gpt2/weights/nodePreparedWeightsCache";
import { ortBackend } from "../../gpt2/backends/ort/backend";
import { nodeOrtLoader } from "../../gpt2/backends/ort/nodeOrtLoader";
import { webGpuBackend } from "../../gpt2/backends/webgpu/backend";
import { nodeGpu, nodeGpuLoader } from "../../gpt2/backends/webgpu/nodeGpuLoader";
import { type EnginePlatform, filesFromBytes } from "../platform";
import { spawnWorker } from "./node";

/**
 * The engine's platform in Node.
 * @param ortFolder holds ONNX Runtime's files (`dist/ort`)
 * @param scripts holds `modelPart.js`, the worker of a part of a model (`dist`); without it, no part is in a worker
 * @param noGpu what a person reads where there is no WebGPU in Node; what a developer can do unless given
 */
export function nodePlatform(ortFolder: string, scripts?: string, noGpu?: string): EnginePlatform {
  const findGpu = () => nodeGpu(noGpu);
  return {
    ...(scripts !== undefined && { spawnPart: () => spawnWorker({ folder: scripts }, "modelPart.js", "gpt2-part") }),
    backends: [
      kernelsBackend(nodeThreads),
      ortBackend(nodeOrtLoader(ortFolder)),
      webGpuBackend(nodeGpuLoader(ortFolder, findGpu), findGpu),
    ],
    processor: processorName(),
    openFiles: (location) =>
      location.kind === "path" ? nodeModelFiles(location.path) : Promise.resolve(filesFromBytes(location)),
    openCache: (folder) => nodePreparedWeightsCache(folder),
    // After a turn of the event loop, messages that were waiting have been delivered.
    yieldToHost: () => nextTick(),
  };
}

function processorName(): string {
  const processors = cpus();
  return `${processors[0]?.model.trim() ?? "unknown processor"}, ${processors.length} threads`;
}
