import assert from "node:assert/strict";
import { modelFileNames, withRecent } from "../../../src/models/folder";

describe("modelFileNames", () => {
  const names = ["README.md", "config.json", "merges.txt", "model.safetensors", "other.gguf", "pytorch_model.bin"];

  it("takes the weights of a folder and what belongs to them", () => {
    assert.deepEqual(modelFileNames(names), ["model.safetensors", "other.gguf", "config.json", "merges.txt"]);
  });

  it("takes one weights file and leaves the others", () => {
    assert.deepEqual(modelFileNames(names, "model.safetensors"), ["model.safetensors", "config.json", "merges.txt"]);
  });

  it("finds nothing in a folder without weights that can be read", () => {
    assert.deepEqual(modelFileNames(["config.json", "pytorch_model.bin"]), []);
  });
});

describe("withRecent", () => {
  it("puts the newest first, once, and forgets the oldest", () => {
    assert.deepEqual(withRecent(["a", "b", "c"], "b"), ["b", "a", "c"]);
    assert.deepEqual(withRecent(["a", "b", "c"], "d", 3), ["d", "a", "b"]);
  });
});
