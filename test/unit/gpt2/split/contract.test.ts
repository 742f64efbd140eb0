import { languageModelContract } from "../../../fixtures/languageModelContract";
import { openSplitTestModel } from "../../../fixtures/splitModel";
import { syntheticWeights } from "../../../fixtures/syntheticModel";

describe("the contract of a language model that is split", () => {
  for (const name of ["gpt2-tiny", "bigcode-tiny"] as const) {
    for (const threads of [1, 2]) {
      describe(`${name} in int8 on the kernels with ${threads} thread(s)`, () => {
        languageModelContract({
          open: () => openSplitTestModel(syntheticWeights(name), "kernels:1,kernels:1", { precision: "int8", threads }),
          tolerance: 0,
          branches: true,
        });
      });
    }
  }

  describe("in f32 on ONNX Runtime", () => {
    languageModelContract({
      open: () =>
        openSplitTestModel(syntheticWeights("gpt2-tiny"), "onnxruntime:1,onnxruntime:1", {
          precision: "f32",
          threads: 2,
        }),
      tolerance: 1e-4,
      branches: false,
    });
  });

  describe("in int8, the first part on the kernels and the second on ONNX Runtime", () => {
    languageModelContract({
      open: () =>
        openSplitTestModel(syntheticWeights("gpt2-tiny"), "kernels:1,onnxruntime:1", { precision: "int8", threads: 1 }),
      tolerance: 0,
      branches: false,
    });
  });
});
