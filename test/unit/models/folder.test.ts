import assert from "node:assert/strict";
import { ModelFileError } from "../../../src/formats/errors";
import { layoutOf, withRecent } from "../../../src/models/folder";

describe("layoutOf", () => {
  it("takes the files of a safetensors model together and leaves the others", () => {
    const names = ["README.md", "config.json", "model.safetensors", "pytorch_model.bin", "merges.txt"];
    assert.deepEqual(layoutOf(names, "gpt2"), {
      kind: "files",
      names: ["config.json", "model.safetensors", "merges.txt"],
    });
  });

  it("takes the only GGUF file", () => {
    assert.deepEqual(layoutOf(["README.md", "Model.GGUF"], "m"), { kind: "file", name: "Model.GGUF" });
  });

  it("asks to choose among several GGUF files", () => {
    assert.throws(() => layoutOf(["a.gguf", "b.gguf"], "m"), /2 GGUF files.*a\.gguf, b\.gguf/);
  });

  it("says what it looked for in a folder without a model", () => {
    assert.throws(
      () => layoutOf(["pytorch_model.bin", "config.json"], "m"),
      (error) => {
        assert.ok(error instanceof ModelFileError);
        assert.match(error.message, /“m”.*\.gguf.*config\.json and model\.safetensors/);
        return true;
      },
    );
  });
});

describe("withRecent", () => {
  it("puts the newest first, once, and forgets the oldest", () => {
    assert.deepEqual(withRecent(["a", "b", "c"], "b"), ["b", "a", "c"]);
    assert.deepEqual(withRecent(["a", "b", "c"], "d", 3), ["d", "a", "b"]);
  });
});
