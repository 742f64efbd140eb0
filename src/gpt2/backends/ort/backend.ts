import type { Backend } from "../backend";
import { OrtModel, TappedOrtModel } from "./model";
import type { OrtLoader } from "./ortModule";
import { ortPart } from "./part";
import { OrtRunner } from "./runner";

/** ONNX Runtime on WebAssembly, in f32 and int8. */
export function ortBackend(loader: OrtLoader): Backend {
  return {
    id: "onnxruntime",
    heap: "wasm",
    supports: (_, precision) => precision === "int8" || precision === "f32",
    open: async (weights, options) =>
      new OrtModel(await OrtRunner.open(loader, weights, options, false), options.cacheBudgetBytes),
    openTapped: async (weights, options) =>
      new TappedOrtModel(await OrtRunner.open(loader, weights, options, true), options.cacheBudgetBytes),
    openPart: async (weights, options) => ortPart(await OrtRunner.open(loader, weights, options, false)),
    openTappedPart: async (weights, options) => ortPart(await OrtRunner.open(loader, weights, options, true)),
  };
}
