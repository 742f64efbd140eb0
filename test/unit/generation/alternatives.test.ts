import assert from "node:assert/strict";
import path from "node:path";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";
import { alternatives } from "../../../src/generation/alternatives";
import { complete } from "../../../src/generation/complete";
import { type GenerationContext, generationContext } from "../../../src/generation/context";
import { InputError } from "../../../src/generation/errors";
import { generate, generateSeveral } from "../../../src/generation/generate";
import type { AlternativesRequest } from "../../../src/generation/request";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { openTestModel } from "../../fixtures/runtime";
import { control, fakeContext, FakeModel, greedy, saying, wandering } from "./fakes";

const samplings = [
  greedy,
  ...[1, 2, 3, 4].map((seed) => ({ temperature: 0.9, topK: 0, topP: 0.95, seed })),
  { temperature: 0.9, topK: 0, topP: 0.95, seed: 2 },
];

function request(prefix: string, more: Partial<AlternativesRequest> = {}): AlternativesRequest {
  return {
    prompt: { header: "// cart.ts\n", prefix, suffix: "\n}\n" },
    stop: "block",
    maxTokens: 24,
    healing: true,
    samplings,
    ...more,
  };
}

async function separately(context: GenerationContext, all: AlternativesRequest) {
  const texts = [];
  for (const sampling of all.samplings) {
    const { text, tokens, finish } = await complete(context, { ...all, sampling }, control());
    texts.push({ text, tokens, finish });
  }
  return texts;
}

describe("alternatives", () => {
  describe("of the bundled model", () => {
    let context: GenerationContext;
    before(async () => {
      await using weights = await openWeights(await nodeModelFiles(path.resolve("models/gpt2-code-mini")));
      const options = { precision: "int8", threads: 2 } as const;
      const model = await openTestModel(weights, options);
      context = generationContext(model, tokenizerFor(model.config));
    });
    after(() => context.model[Symbol.asyncDispose]());

    for (const [name, prefix] of [
      ["after a line that opens a block", "export class Cart {\n  total(items: Item[]): number {\n"],
      ["inside a word", "export class Cart {\n  total(items: Item[]): number {\n    retu"],
    ] as const) {
      it(`are the same texts as separate completions, ${name}`, async () => {
        const together = await alternatives(context, request(prefix), control());
        assert.deepEqual(together, await separately(context, request(prefix)));
        assert.deepEqual(together[2], together[5], "the same seed");
        assert.ok(new Set(together.map(({ text }) => text)).size > 2, "the texts differ");
      });
    }

    it("of free text are the same as separate texts, even in several batches", async () => {
      const prompt = "export function ";
      const many = Array.from({ length: 18 }, (_, seed) => ({ temperature: 0.9, topK: 40, topP: 1, seed }));
      const several = { texts: many.map((sampling) => ({ prompt, sampling })), maxTokens: 9 };
      const { texts, timings } = await generateSeveral(context, several, control());
      for (const [i, sampling] of many.entries()) {
        const { text, tokens, finish, promptTokens } = await generate(
          context,
          { prompt, maxTokens: 9, sampling },
          control(),
        );
        assert.deepEqual(texts[i], { text, tokens, finish, promptTokens });
      }
      assert.deepEqual(texts[0]?.promptTokens, context.tokenizer.encode(prompt));
      assert.equal(timings.newTokens, texts.flatMap(({ tokens }) => tokens).length);
    });

    it("after prompts of different lengths are the same as separate texts, and prefill only what is new", async () => {
      const prompts = ["function add(a, b) {", "x", 'import { a } from "b";\nconst c = ', "function add(a, b) {", ""];
      const texts = Array.from({ length: 20 }, (_, i) => ({
        prompt: prompts[i % prompts.length] ?? "",
        sampling: { temperature: 0.9, topK: 40, topP: 1, seed: i },
      }));
      const together = await generateSeveral(context, { texts, maxTokens: 12 }, control());
      for (const [i, one] of texts.entries()) {
        const { text, tokens, finish, promptTokens } = await generate(context, { ...one, maxTokens: 12 }, control());
        assert.deepEqual(together.texts[i], { text, tokens, finish, promptTokens });
      }
      const before = context.model.computedTokens;
      await generateSeveral(context, { texts: texts.slice(0, 5), maxTokens: 1 }, control());
      assert.ok(context.model.computedTokens - before <= 5 * 2, `${context.model.computedTokens - before} tokens`);
    });

    it("take one step for one token of each text", async () => {
      let steps = 0;
      const pause = () => {
        steps++;
        return Promise.resolve();
      };
      const all = request("const a = ", { stop: "none", maxTokens: 10, healing: false });
      const texts = await alternatives(context, all, control({ pause }));
      const longest = Math.max(...texts.map(({ tokens }) => tokens.length));
      assert.ok(longest > 1 && steps <= longest, `${steps} steps for ${longest} tokens`);
    });

    it("stop when the request is cancelled", async () => {
      const signal = { aborted: false };
      let pauses = 0;
      const pause = () => {
        signal.aborted = ++pauses === 4;
        return Promise.resolve();
      };
      const texts = await alternatives(
        context,
        request("const total = ", { stop: "none" }),
        control({ signal, pause }),
      );
      assert.ok(texts.length === samplings.length && texts.every(({ finish }) => finish === "cancelled"));
      const later = await alternatives(context, request("const total = "), control());
      assert.deepEqual(later, await separately(context, request("const total = ")));
    });

    it("are written one after another if they would outgrow the context", async () => {
      const long = "let value = 1;\n".repeat(400);
      const all = request(long, { stop: "line", maxTokens: 700, samplings: samplings.slice(0, 2) });
      assert.deepEqual(await alternatives(context, all, control()), await separately(context, all));
    });
  });

  it("are written one after another by a model that cannot branch", async () => {
    const context = () => fakeContext(new FakeModel(256, wandering));
    const all = request("let x", { healing: false });
    assert.deepEqual(await alternatives(context(), all, control()), await separately(context(), all));
  });

  it("are rejected for numbers out of range", async () => {
    const bad = request("x", { samplings: [greedy, { ...greedy, temperature: -1 }] });
    await assert.rejects(alternatives(fakeContext(new FakeModel(64, saying("a", "x"))), bad, control()), InputError);
  });
});
