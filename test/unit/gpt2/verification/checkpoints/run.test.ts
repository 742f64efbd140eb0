import assert from "node:assert/strict";
import { knownContinuations, type PublishedModel } from "../../../../../src/gpt2/verification/checkpoints/published";
import { toJson, toMarkdown } from "../../../../../src/gpt2/verification/checkpoints/report";
import type { CheckpointResult } from "../../../../../src/gpt2/verification/checkpoints/result";
import { type CheckpointRunOptions, runCheckpoints } from "../../../../../src/gpt2/verification/checkpoints/run";
import { argmax, softmax } from "../../../../../src/gpt2/definitions";
import { ContextOverflowError } from "../../../../../src/gpt2/languageModel";
import { ReferenceEngine } from "../../../../fixtures/referenceEngine";
import { gpt2Small, oracleConfig, randomWeights, syntheticWeights } from "../../../../fixtures/syntheticModel";

const sampler = { greedy: argmax, probabilities: softmax };

function options(changes: Partial<CheckpointRunOptions> = {}): CheckpointRunOptions & { model: ReferenceEngine } {
  const weights = syntheticWeights("gpt2-tiny");
  return { name: "tiny *model*", weights, sampler, count: 3, ...changes, model: new ReferenceEngine(weights) };
}

describe("a run of the checkpoints", () => {
  it("reports each result as it comes, and the progress", async () => {
    const results: CheckpointResult[] = [];
    const shares: number[] = [];
    const report = await runCheckpoints(
      options({ onResult: (result) => results.push(result), onProgress: (share) => shares.push(share) }),
    );
    assert.deepEqual(
      results.map(({ number }) => number),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    );
    assert.deepEqual(results, report.checkpoints);
    assert.equal(shares.at(-1), 1);
    assert.ok(shares.every((share, i) => share > (shares[i - 1] ?? 0)));
  });

  it("stops when it is called off, and gives the slot back", async () => {
    const controller = new AbortController();
    const called = options({ signal: controller.signal, onResult: () => controller.abort() });
    await assert.rejects(runCheckpoints(called), { name: "AbortError" });
    assert.equal(called.model.released, 1);
  });

  it("says when the prompt is too long for the model", async () => {
    const tokens = new Array<number>(128).fill(13);
    await assert.rejects(runCheckpoints(options({ tokens })), ContextOverflowError);
  });

  it("reports as JSON with numbers only, null for an infinite difference", async () => {
    const called = options();
    const report = await runCheckpoints({ ...called, weights: syntheticWeights("gpt2-tiny-inner") });
    const parsed = JSON.parse(toJson(report)) as Record<string, unknown> & { checkpoints: Record<string, unknown>[] };
    assert.equal(parsed["precision"], "f32");
    assert.deepEqual(parsed["continuation"], report.continuation);
    const failed = parsed.checkpoints.find(({ status }) => status === "failed");
    assert.ok(failed);
    assert.equal(failed["number"], 1);
    assert.equal(typeof failed["maxAbsDiff"], "number");
    const incomparable = report.checkpoints.map((checkpoint) => ({ ...checkpoint, maxAbsDiff: Infinity }));
    assert.match(toJson({ ...report, checkpoints: incomparable }), /"maxAbsDiff": null/);
  });

  it("reports as Markdown: a row for each checkpoint, guidance for what failed, names as text", async () => {
    const report = await runCheckpoints({ ...options(), weights: syntheticWeights("gpt2-tiny-erf") });
    const markdown = toMarkdown(report);
    assert.match(markdown, /^# Checkpoints of tiny \\\*model\\\*/);
    assert.equal([...markdown.matchAll(/^\| \d+ \|/gm)].length, 12);
    assert.match(markdown, /^## 6\. FFN output: failed$/m);
    assert.match(markdown, /tanh form/);
    assert.match(markdown, /^## 7\. First block output: suspect$/m);
    assert.doesNotMatch(markdown, /^## 5\./m);
  });
});

describe("published models", () => {
  const medium = { ...gpt2Small, width: 1024, layers: 24, heads: 16, kvHeads: 16, innerWidth: 4096 };

  it("are recognized by the file's hash, and otherwise by their shape", () => {
    const hash = "248DFC3911869EC493C76E65BF2FCF7F615828B0254C12B473182F0F81D3A707";
    const recognized = (...args: Parameters<typeof knownContinuations>) =>
      knownContinuations(...args).map(({ model, by }) => `${model} by ${by}`)[0];
    assert.equal(recognized(oracleConfig("gpt2-tiny"), hash), "gpt2 by file");
    assert.equal(recognized(gpt2Small), "gpt2 by shape");
    assert.equal(recognized(medium, "00"), "gpt2-medium by shape");
    assert.equal(recognized(oracleConfig("gpt2-tiny")), undefined);
  });

  it("know GPT-2 medium's continuation of Hello.", () => {
    const hello = knownContinuations(medium).find(({ tokens }) => tokens.join() === "15496,13");
    assert.deepEqual(hello?.continuation, [314, 1101, 257, 1310, 2739, 284, 262, 2151, 11, 475]);
  });

  it("fail number 12 when the file is theirs and the text is not, and leave a note when only the shape is", async () => {
    const { width, layers, ...shape } = { ...gpt2Small, width: 12, layers: 1, innerWidth: 8 };
    const weights = randomWeights({ ...shape, width, layers });
    const model: PublishedModel = {
      name: "published",
      shape: { ...shape, width, layers },
      sha256: ["ab"],
      continuations: [{ tokens: [13], continuation: [1, 2], text: "never this", source: "nowhere" }],
    };
    const last = async (sha256: string | undefined) => {
      const run = { name: "x", weights, sampler, model: new ReferenceEngine(weights), count: 2, sha256 };
      return (await runCheckpoints({ ...run, published: [model] })).checkpoints.at(-1);
    };
    const byFile = await last("ab");
    assert.equal(byFile?.status, "failed");
    const byShape = await last(undefined);
    assert.equal(byShape?.status, "passed");
    assert.equal(byShape.maxAbsDiff, 0);
    assert.match(byShape.parts.at(-1)?.note ?? "", /shape of published but does not write “never this”/);
  });
});
