import type { MachineDescription, OpenOptions } from "../../../../src/engine/protocol";
import { oracleConfig } from "../../../fixtures/syntheticModel";

export const config = oracleConfig("gpt2-tiny");

export const machine: MachineDescription = {
  processor: "A processor, 8 threads",
  backends: [
    { id: "kernels" },
    { id: "onnxruntime" },
    { id: "webgpu", device: { name: "A graphics card", software: false } },
  ],
};

export const options: OpenOptions = {
  location: { kind: "path", path: "/models/a" },
  backend: "auto",
  ...{ precision: "int8", threads: 0, cacheFolder: undefined },
};
