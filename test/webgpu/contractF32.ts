import { smallModel, testGpuBackend } from "../fixtures/gpu";
import { languageModelContract } from "../fixtures/languageModelContract";

describe("the contract of a language model on WebGPU in f32, with keys and values for each head", function () {
  this.timeout(600_000);
  languageModelContract({
    open: () => testGpuBackend.open(smallModel("gpt2-tiny"), { precision: "f32", threads: 0 }),
    tolerance: () => 1e-4,
    branches: true,
  });
});
