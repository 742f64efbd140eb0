import assert from "node:assert/strict";
import { modelFileNames } from "../../../src/formats/modelFolder";

describe("modelFileNames", () => {
  const names = ["README.md", "config.json", "merges.txt", "model.safetensors", "other.gguf", "pytorch_model.bin"];

  it("takes the weights of a folder and what describes them", () => {
    assert.deepEqual(modelFileNames(names), ["model.safetensors", "config.json", "merges.txt"]);
    const withoutConfig = names.filter((name) => name !== "config.json");
    assert.deepEqual(modelFileNames(withoutConfig), ["other.gguf", "merges.txt"]);
  });

  it("takes one weights file and leaves the others", () => {
    for (const chosen of ["model.safetensors", "other.gguf", "pytorch_model.bin"]) {
      assert.deepEqual(modelFileNames(names, chosen), [chosen, "config.json", "merges.txt"]);
    }
    assert.deepEqual(modelFileNames(names, "config.json"), modelFileNames(names));
  });

  it("takes shards with their index, and passes over what training left", () => {
    const shards = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"];
    const folder = ["training_args.bin", "optimizer.pt", "adapter_model.safetensors", ...shards];
    assert.deepEqual(modelFileNames(folder), shards);
    assert.deepEqual(modelFileNames(folder, shards[1]), shards);
    const index = "pytorch_model.bin.index.json";
    assert.deepEqual(modelFileNames([...folder, index, "pytorch_model.bin"], index), [index, ...shards]);
  });

  it("takes the only file of a folder, whatever its name, and none of several", () => {
    assert.deepEqual(modelFileNames(["sha256-0123", "config.json"]), ["sha256-0123", "config.json"]);
    assert.deepEqual(modelFileNames(["a.txt", "b.txt"]), []);
  });
});
