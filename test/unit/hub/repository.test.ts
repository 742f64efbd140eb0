import assert from "node:assert/strict";
import { addressOn, parseEndpoint } from "../../../src/hub/endpoint";
import { folderName, type HubFile, modelFilesIn, parseReference } from "../../../src/hub/repository";
import { TransferRate } from "../../../src/hub/transferRate";

const files = (...names: string[]): { files: HubFile[] } => ({
  files: names.map((name) => ({ name, size: 1, sha256: undefined })),
});
const chosen = (names: string[], file?: string) =>
  modelFilesIn({ repository: "a/b", ...(file !== undefined && { file }) }, files(...names)).map(({ name }) => name);

describe("parseReference", () => {
  it("reads a name, a name with a file, and addresses of both", () => {
    const repository = "openai-community/gpt2";
    assert.deepEqual(parseReference(" openai-community/gpt2 "), { repository });
    assert.deepEqual(parseReference("https://hub.test/openai-community/gpt2/"), { repository });
    for (const path of ["", "blob/main/", "resolve/main/"]) {
      const found = parseReference(`https://hub.test/openai-community/gpt2/${path}a.gguf`);
      assert.deepEqual(found, { repository, file: "a.gguf" });
    }
  });

  it("refuses what could leave the folder of models, or is no name", () => {
    for (const text of [
      "",
      "gpt2",
      "../..",
      "a/..",
      "a/b/../c",
      "a/b/.hidden",
      "a/b/c/d",
      "a\\b/c",
      "a/b?c",
      "a b/c",
    ]) {
      assert.throws(() => parseReference(text), /is not the name of a model/, text);
    }
  });

  it("gives each model a folder name of its own", () => {
    assert.equal(folderName({ repository: "a/b" }), "a--b");
    assert.equal(folderName({ repository: "a/b", file: "c.gguf" }), "a--b--c.gguf");
  });
});

describe("modelFilesIn", () => {
  it("prefers safetensors, takes the vocabulary and the config, and leaves the rest", () => {
    const names = ["README.md", "pytorch_model.bin", "config.json", "model.safetensors", "vocab.json", "merges.txt"];
    const tokenizer = ["tokenizer.json", "tf_model.h5", "rust_model.ot", "flax_model.msgpack", "training_args.bin"];
    assert.deepEqual(chosen([...names, ...tokenizer]), [
      "config.json",
      "merges.txt",
      "tokenizer.json",
      "vocab.json",
      "model.safetensors",
    ]);
    assert.deepEqual(chosen(["pytorch_model.bin", "config.json"]), ["config.json", "pytorch_model.bin"]);
  });

  it("takes all shards, with their index or without", () => {
    const shards = [1, 2].map((n) => `model-0000${n}-of-00002.safetensors`);
    const index = "model.safetensors.index.json";
    assert.deepEqual(chosen(["config.json", ...shards, index]), ["config.json", index, ...shards]);
    assert.deepEqual(chosen(["config.json", ...shards]), ["config.json", ...shards]);
    assert.throws(() => chosen(["config.json", ...shards.slice(0, 1)]), /is not complete.*00002-of-00002/);
  });

  it("takes one of several GGUF files if it is named", () => {
    const names = ["a.Q4_0.gguf", "a.Q8_0.gguf"];
    assert.throws(
      () => chosen(names),
      /several models\. Name one of them: a\/b\/a\.Q4_0\.gguf, a\/b\/a\.Q8_0\.gguf\.$/,
    );
    assert.deepEqual(chosen(names, "a.Q8_0.gguf"), ["a.Q8_0.gguf"]);
    assert.deepEqual(chosen(["a.gguf"]), ["a.gguf"]);
  });
});

describe("parseEndpoint", () => {
  it("keeps the path of a mirror", () => {
    assert.equal(addressOn(parseEndpoint("https://mirror.test/hf/"), "a/b").href, "https://mirror.test/hf/a/b");
    assert.equal(addressOn(parseEndpoint("http://mirror.test:8080"), "a/b").href, "http://mirror.test:8080/a/b");
  });

  it("refuses what is no address of a hub", () => {
    for (const text of [
      "",
      "mirror.test",
      "file:///etc",
      "https://me:secret@mirror.test",
      "https://mirror.test/?a=b",
    ]) {
      assert.throws(() => parseEndpoint(text), /is not the address of a model hub/, text);
    }
  });
});

describe("TransferRate", () => {
  it("measures the last seconds, not what is long past", () => {
    const rate = new TransferRate();
    assert.equal(rate.bytesPerSecond, undefined);
    rate.add(0, 0);
    rate.add(1000, 1000);
    assert.equal(rate.bytesPerSecond, 1000);
    for (let second = 2; second <= 20; second++) rate.add(second * 1000, 1000 + (second - 1) * 100);
    assert.equal(rate.bytesPerSecond, 100);
    assert.equal(rate.secondsFor(500), 5);
  });

  it("gives no time where nothing arrives, and no negative speed where a file starts over", () => {
    const rate = new TransferRate();
    rate.add(0, 500);
    rate.add(1000, 0);
    assert.equal(rate.bytesPerSecond, 0);
    assert.equal(rate.secondsFor(10), undefined);
  });
});
