import path from "node:path";
import { nodeGpu, nodeGpuLoader } from "../../src/gpt2/backends/webgpu/nodeGpuLoader";
import { useTestGpu } from "../fixtures/gpu";

/** Lets the tests run on the adapter that the harness has chosen in Node. */
useTestGpu({ load: nodeGpuLoader(path.resolve("node_modules/onnxruntime-web/dist")), find: nodeGpu });
