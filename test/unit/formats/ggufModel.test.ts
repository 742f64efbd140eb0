import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gguf } from "@huggingface/gguf";
import { ggufModel } from "../../../models/ggufModel";
import { ggufVocabulary, noVocabulary } from "../../../models/ggufVocabulary";
import { openGguf } from "../../../src/formats/gguf/open";
import { ggufParts, type TensorToWrite, type TypedValue } from "../../../src/formats/gguf/write";
import { MemoryFiles, MemorySource } from "../../../src/formats/memory";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tensorShapes } from "../../../src/gpt2/weights/tensorShapes";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { bigcodeGguf, collect, oracleGguf } from "../../fixtures/ggufWriter";
import files from "../../fixtures/oracle/gguf_files.json";
import { syntheticWeights } from "../../fixtures/syntheticModel";
import type { Gpt2Weights } from "../../../src/gpt2/weights/weights";

describe("GGUF conversion", () => {
  for (const type of ["F16", "BF16", "Q8_0", "Q4_0"] as const) {
    it(`writes gpt2-tiny as ${type} byte for byte as gguf-py does, and reads it back`, async () => {
      const bytes = await oracleGguf("gpt2-tiny", type);
      const expected = files[`gpt2-tiny.${type}.gguf`];
      assert.equal(bytes.length, expected.bytes);
      assert.equal(createHash("sha256").update(bytes).digest("hex"), expected.sha256);

      await using source = syntheticWeights("gpt2-tiny");
      await using weights = await openWeights(new MemoryFiles("tiny", new Map([["tiny.gguf", bytes]])));
      assert.deepEqual(weights.config, { ...source.config, tokenizer: "gpt2" });
      assert.equal(weights.storage, `gguf ${type}`);
      assert.ok((await largestError(weights, source)) <= expected.quant_max_abs_err);
    });
  }

  it("keeps every number in F32", async () => {
    await using source = syntheticWeights("gpt2-tiny-inner");
    const bytes = await oracleGguf("gpt2-tiny-inner", "F32");
    await using weights = await openWeights(new MemoryFiles("tiny", new Map([["tiny.gguf", bytes]])));
    assert.deepEqual(weights.config, { ...source.config, tokenizer: "gpt2" });
    assert.equal(await largestError(weights, source), 0);
  });

  it("reads StarCoder's names, with one key/value head", async () => {
    await using source = syntheticWeights("bigcode-tiny");
    const bytes = await bigcodeGguf("F32");
    await using weights = await openWeights(new MemoryFiles("big", new Map([["big.gguf", bytes]])));
    assert.deepEqual(weights.config, source.config);
    assert.equal(await largestError(weights, source), 0);
  });

  it("reads a file that is split, from any of its parts, and asks for those that are missing", async () => {
    await using source = syntheticWeights("gpt2-tiny");
    await using whole = await openGguf(new MemorySource("w", await oracleGguf("gpt2-tiny", "F32")));
    const tensors = Array.from(whole.tensors.values(), ({ name, shape }): TensorToWrite => {
      return { name, shape, type: "F32", values: () => whole.read(name) };
    });
    const count = (value: number): TypedValue => ({ type: "u32", value });
    const split = (no: number): [string, TypedValue][] => [
      ["split.no", count(no)],
      ["split.count", count(2)],
      ["split.tensors.count", { type: "i32", value: tensors.length }],
    ];
    const keys = ["embedding_length", "context_length", "block_count", "attention.head_count"].map((key) => {
      return [`gpt2.${key}`, count(Number(whole.metadata.get(`gpt2.${key}`)))] as const;
    });
    const first = new Map([["general.architecture", { type: "string", value: "gpt2" }], ...keys, ...split(0)] as const);
    const parts = new Map([
      ["m-00001-of-00002.gguf", await collect(ggufParts(first, tensors.slice(0, 9)))],
      ["m-00002-of-00002.gguf", await collect(ggufParts(new Map(split(1)), tensors.slice(9)))],
    ]);
    await using weights = await openWeights(new MemoryFiles("split", parts));
    assert.equal(await largestError(weights, source), 0);

    const renamed = new MemoryFiles(
      "part",
      new Map([["m.gguf", parts.get("m-00001-of-00002.gguf") ?? new Uint8Array()]]),
    );
    await assert.rejects(openWeights(renamed), /m.gguf is one of 2 files of a model.*-00001-of-00002.gguf/);
    parts.delete("m-00002-of-00002.gguf");
    await assert.rejects(openWeights(new MemoryFiles("split", parts)), /m-00002-of-00002.gguf is not beside it/);
  });

  it("writes GPT-BigCode as starcoder, and a model without a vocabulary", async () => {
    await using source = syntheticWeights("bigcode-tiny");
    const vocabulary = noVocabulary(source.config);
    const bytes = await collect(ggufModel(source, { name: "bigcode", type: "F32", vocabulary }));
    await using weights = await openWeights(new MemoryFiles("big", new Map([["big.gguf", bytes]])));
    assert.deepEqual(weights.config, { ...source.config, tokenizer: "custom (none)" });
    assert.equal(await largestError(weights, source), 0);
  });

  it("refuses what GGUF's gpt2 cannot say", async () => {
    await assert.rejects(oracleGguf("gpt2-tiny-erf", "F32"), /gelu_erf/);
  });

  it("writes a header that Hugging Face's reader understands", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gguf-"));
    try {
      const path = join(folder, "tiny.gguf");
      await writeFile(path, await oracleGguf("gpt2-tiny", "Q8_0"));
      const { metadata, tensorInfos } = await gguf(path, { allowLocalFile: true });
      assert.equal(metadata["general.architecture"], "gpt2");
      assert.equal(metadata["gpt2.embedding_length"], 64);
      assert.ok("tokenizer.ggml.tokens" in metadata);
      assert.equal(metadata["tokenizer.ggml.tokens"][15496], "Hello");
      const shapes = [...tensorShapes(syntheticWeights("gpt2-tiny").config).values()];
      assert.equal(tensorInfos.length, shapes.length);
      assert.deepEqual(tensorInfos.find(({ name }) => name === "blk.1.ffn_up.weight")?.shape, [64n, 256n]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("gives merges that encode runs of spaces as p50k_edit does", () => {
    const tokenizer = tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 });
    const vocabulary = ggufVocabulary(tokenizer);
    const list = (key: string) => vocabulary.get(key)?.value as string[];
    const tokens = list("tokenizer.ggml.tokens");
    const ranks = new Map(list("tokenizer.ggml.merges").map((merge, rank) => [merge, rank]));
    assert.equal(tokens[50281], "<|fim_prefix|>");
    assert.equal(vocabulary.get("tokenizer.ggml.fim_mid_token_id")?.value, 50282);
    for (let length = 1; length <= 60; length++) {
      const ids = mergeAll("Ġ".repeat(length), ranks).map((token) => tokens.indexOf(token));
      assert.deepEqual(ids, tokenizer.encode(" ".repeat(length)), `${length} spaces`);
    }
  });
});

/** The largest difference between two models' tensors; all of them must be there in both. */
async function largestError(weights: Gpt2Weights, source: Gpt2Weights): Promise<number> {
  let largest = 0;
  for (const name of tensorShapes(source.config).keys()) {
    const [ours, theirs] = [await weights.read(name), await source.read(name)];
    assert.equal(ours.length, theirs.length, name);
    for (let i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs((ours[i] as number) - (theirs[i] as number)));
    }
  }
  return largest;
}

/** Byte-pair encoding as readers of `tokenizer.ggml.merges` do it: the earliest merge of the list first. */
function mergeAll(text: string, ranks: ReadonlyMap<string, number>): string[] {
  const parts = Array.from(text);
  for (;;) {
    const found = parts.slice(1).map((part, i) => ranks.get(`${parts[i] ?? ""} ${part}`) ?? Infinity);
    const best = Math.min(...found);
    if (best === Infinity) return parts;
    const at = found.indexOf(best);
    parts.splice(at, 2, parts.slice(at, at + 2).join(""));
  }
}
