import { setImmediate as nextTick } from "node:timers/promises";
import { nodeModelFiles } from "../../formats/nodeFiles";
import { kernelsBackend } from "../../gpt2/backends/kernels/backend";
import { nodeThreads } from "../../gpt2/backends/kernels/nodeThreads";
import { nodePreparedWeightsCache } from "../../gpt2/weights/nodePreparedWeightsCache";
import { ortBackend } from "../../gpt2/backends/ort/model";
import { nodeOrtLoader } from "../../gpt2/backends/ort/nodeOrtLoader";
import { type EnginePlatform, filesFromBytes } from "../platform";

/** The engine's platform in Node. @param ortFolder holds ONNX Runtime's files (`dist/ort`). */
export function nodePlatform(ortFolder: string): EnginePlatform {
  return {
    backends: [kernelsBackend(nodeThreads), ortBackend(nodeOrtLoader(ortFolder))],
    openFiles: (location) =>
      location.kind === "path" ? nodeModelFiles(location.path) : Promise.resolve(filesFromBytes(location)),
    openCache: (folder) => nodePreparedWeightsCache(folder),
    // After a turn of the event loop, messages that were waiting have been delivered.
    yieldToHost: () => nextTick(),
  };
}
