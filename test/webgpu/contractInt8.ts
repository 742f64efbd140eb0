import { hasHalf, smallModel, testGpuBackend } from "../fixtures/gpu";
import { languageModelContract } from "../fixtures/languageModelContract";

describe("the contract of a language model on WebGPU in int8, with keys and values that all heads share", function () {
  this.timeout(600_000);
  let half = false;
  before(async () => {
    half = await hasHalf();
  });

  languageModelContract({
    open: () => testGpuBackend.open(smallModel("bigcode-tiny"), { precision: "int8", threads: 0 }),
    tolerance: () => (half ? 0.05 : 1e-4),
    branches: true,
  });
});
