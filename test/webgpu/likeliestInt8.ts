import { smallModel, testGpuBackend } from "../fixtures/gpu";
import { likeliestTests } from "./likeliestTests";

describe("the likeliest token on WebGPU in int8", function () {
  this.timeout(600_000);
  likeliestTests(() => testGpuBackend.open(smallModel("bigcode-tiny"), { precision: "int8", threads: 0 }));
});
