import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ggufModel } from "../../../models/ggufModel";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { Candidate } from "../../eval/candidate";
import { completePlace } from "../../eval/complete";
import type { SourceFile } from "../../eval/files";
import { ngramCandidate } from "../../eval/ngramModel";
import type { Place } from "../../eval/places";
import { openQuantized } from "../../eval/quantization";
import { textLoss } from "../../eval/textLoss";
import { collect, oracleGguf } from "../../fixtures/ggufWriter";
import { oracleConfig, randomWeights } from "../../fixtures/syntheticModel";
import { ggufMetadataOf, smallVocabulary } from "../../fixtures/vocabularies";
import { FakeModel } from "../generation/fakes";

describe("evaluation: models", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "gpt2-eval-test-"))));
  after(() => rm(folder, { recursive: true }));

  it("opens a model in all its quantizations", async () => {
    const path = join(folder, "tiny.gguf");
    await writeFile(path, await oracleGguf("gpt2-tiny", "F32"));
    const candidates = await openQuantized(path, 1);
    try {
      assert.deepEqual(
        candidates.map(({ name, model }) => [name, model.info.precision]),
        [
          ["gguf F32, run as f32", "f32"],
          ["gguf F32, run as int8", "int8"],
          ["gguf Q8_0, run as int8", "int8"],
          ["gguf Q4_0, run as int8", "int8"],
        ],
      );
      const [whole = 0, same, eight = 0, four = 0] = candidates.map(({ fileBytes }) => fileBytes);
      assert.ok(same === whole && eight < whole / 2 && four < eight);
      const losses: number[] = [];
      for (const { model, tokenizer } of candidates) {
        losses.push((await textLoss(model, tokenizer, "", "let a = 1;\nlet b = 2;\n")).bits);
      }
      const errors = losses.map((bits) => Math.abs(bits / (losses[0] ?? NaN) - 1));
      assert.ok(
        errors.slice(1, 3).every((error) => error < 0.005),
        errors.join(),
      );
      assert.ok((errors[3] ?? 0) > 0 && (errors[3] ?? 1) < 0.1, errors.join());
    } finally {
      for (const candidate of candidates) await candidate[Symbol.asyncDispose]();
    }
  });

  it("reads and writes a model in the model's own vocabulary, in all its quantizations", async () => {
    const vocabulary = smallVocabulary();
    const metadata = ggufMetadataOf(vocabulary, "gpt-2", { "<|endoftext|>": 3 }, { eos_token_id: 0 });
    const weights = randomWeights({ ...oracleConfig("gpt2-tiny"), vocabSize: 1000 }, 3);
    const path = join(folder, "own.gguf");
    await writeFile(path, await collect(ggufModel(weights, { name: "own", type: "F32", vocabulary: metadata })));
    const candidates = await openQuantized(path, 1);
    try {
      for (const { name, tokenizer } of candidates) {
        const tokens = tokenizer.encode("const total");
        assert.ok(tokens.length > 0 && tokens.every((token) => token < 1000), name);
        assert.equal(tokenizer.decode(tokens), "const total", name);
      }
    } finally {
      for (const candidate of candidates) await candidate[Symbol.asyncDispose]();
    }
  });

  it("trains n-grams that complete what they have read, by the same path", async () => {
    const tokenizer = tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 });
    const like = new Candidate("", new FakeModel(200, () => new Float32Array(50284), 50284), tokenizer, undefined);
    const source: SourceFile = { repo: "r", path: "a.ts", lang: "typescript", text: "const total = sum(prices);\n" };
    const file = join(folder, "train.jsonl");
    await writeFile(file, `${JSON.stringify(source)}\n`.repeat(3));
    await using candidate = await ngramCandidate(file, like, { baselineTokens: 1e6, seed: 1 });
    const place: Place = {
      file: { ...source, path: "b.ts", text: "" },
      language: "typescript",
      kind: "after =",
      prefix: "const total = ",
      wanted: "sum(prices);",
      suffix: "",
    };
    assert.equal((await completePlace(candidate, place, false)).found, "sum(prices);");
    const { bits, tokens } = await textLoss(candidate.model, tokenizer, "", source.text);
    assert.ok(bits / tokens < 3, String(bits / tokens));
    await assert.rejects(ngramCandidate(join(folder, "none.jsonl"), like, { baselineTokens: 1, seed: 1 }), /ENOENT/);
  });
});
