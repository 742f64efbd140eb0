import { languageModelContract } from "../../../fixtures/languageModelContract";
import { openTestModel } from "../../../fixtures/runtime";
import { syntheticWeights } from "../../../fixtures/syntheticModel";
import { FakeModel } from "../../generation/fakes";

describe("the contract of a language model", () => {
  for (const name of ["gpt2-tiny", "bigcode-tiny"] as const) {
    for (const threads of [1, 2]) {
      describe(`${name} in int8 on the kernels with ${threads} thread(s)`, () => {
        const options = { precision: "int8", threads, backend: "kernels" } as const;
        languageModelContract({
          open: () => openTestModel(syntheticWeights(name), options),
          tolerance: 0,
          branches: true,
        });
      });
    }
    for (const precision of ["int8", "f32"] as const) {
      describe(`${name} in ${precision} on ONNX Runtime`, () => {
        const options = { precision, threads: 2, backend: "onnxruntime" } as const;
        const tolerance = precision === "int8" ? 0 : 1e-4;
        languageModelContract({
          open: () => openTestModel(syntheticWeights(name), options),
          tolerance,
          branches: false,
        });
      });
    }
  }

  describe("the fake that other tests use", () => {
    // A hash of the whole sequence: any token that is lost or added changes it.
    const think = (tokens: readonly number[]) => {
      const hash = tokens.reduce((sum, token, i) => (sum * 31 + token * (i + 7)) % 65_521, 17);
      return Float32Array.from({ length: 600 }, (_, i) => ((hash * (i + 1)) % 1009) / 100);
    };
    languageModelContract({
      open: () => Promise.resolve(new FakeModel(128, think, 600)),
      tolerance: 0,
      branches: false,
    });
  });
});
