import assert from "node:assert/strict";
import path from "node:path";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";
import { type GenerationContext, generationContext } from "../../../src/generation/context";
import { InputError } from "../../../src/generation/errors";
import { generate, generateSeveral } from "../../../src/generation/generate";
import type { GeneratedText, TextOptions } from "../../../src/generation/request";
import { seededRandom } from "../../../src/generation/sampling/random";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { openTestModel } from "../../fixtures/runtime";
import { control, fakeContext, FakeModel, FakeTokenizer, greedy, saying, wandering } from "./fakes";

const prompt = "export function add(a: number, b: number): number {\n";
const samplings = [1, 2, 3].map((seed) => ({ temperature: 0.8, topK: 0, topP: 1, seed }));

/** Writes three texts, branches one of them in the middle, continues another, and goes on with the branch. */
async function session(context: GenerationContext, options: TextOptions) {
  const { model } = context;
  const computed: number[] = [];
  const write = async (written: readonly number[] | undefined, count: number) => {
    const before = model.computedTokens;
    const texts = samplings
      .slice(0, count)
      .map((sampling) => ({ prompt: written ? { text: prompt, written } : prompt, sampling }));
    const result = await generateSeveral(context, { ...options, texts, branchable: true }, control());
    computed.push(model.computedTokens - before);
    return result.texts;
  };
  const texts = await write(undefined, 3);
  const [first, second] = texts;
  assert.ok(first && second);
  const alternative = first.choices?.[9]?.alternatives.find(({ token }) => token !== first.tokens[9])?.token ?? 0;
  const [branch] = await write([...first.tokens.slice(0, 9), alternative], 1);
  const [longer] = await write(second.tokens, 1);
  const [firstLonger] = await write(first.tokens, 1);
  assert.ok(branch && longer && firstLonger);
  return { texts, first, second, branch, longer, firstLonger, computed };
}

const options = { maxTokens: 20, logProbabilities: 3, stops: { endOfText: "write" } } as const;

describe("texts that are continued and branched", () => {
  it("are computed once: a branch or a longer text costs its own tokens", async () => {
    const model = new FakeModel(256, wandering);
    const { computed, first } = await session(fakeContext(model), options);
    const promptLength = new FakeTokenizer().encode(prompt).length;
    // A text's last token is chosen and not run, unless the text goes on. The model cannot decode texts as a batch.
    assert.deepEqual(first.tokens.length, 20);
    assert.ok((computed[0] ?? 0) <= promptLength + 3 * 20, `${computed[0]} tokens for three texts`);
    assert.deepEqual(computed.slice(1), [20, 20, 20]);
  });

  describe("with the bundled model", () => {
    let context: GenerationContext;
    before(async () => {
      await using weights = await openWeights(await nodeModelFiles(path.resolve("models/gpt2-code-mini")));
      const model = await openTestModel(weights, { precision: "int8", threads: 1 });
      context = generationContext(model, tokenizerFor(model.config));
    });
    after(() => context.model[Symbol.asyncDispose]());

    it("are computed once, as a batch too, and are what they would be without a cache", async () => {
      const { texts, first, branch, longer, firstLonger, second, computed } = await session(context, options);
      const promptLength = context.tokenizer.encode(prompt).length;
      const drafts = 2 * 20;
      assert.equal(computed[0], promptLength + 3 * 19);
      for (const tokens of computed.slice(1)) assert.ok(tokens >= 20 && tokens <= 20 + drafts, `${tokens} tokens`);
      const plain = await generateSeveral(
        context,
        { ...options, texts: samplings.map((sampling) => ({ prompt, sampling })) },
        control(),
      );
      assert.deepEqual(texts, plain.texts);
      assert.deepEqual(branch.tokens.slice(0, 9), first.tokens.slice(0, 9));
      assert.notEqual(branch.tokens[9], first.tokens[9]);
      assert.deepEqual(
        [longer, firstLonger].map(({ tokens }) => tokens.slice(0, 20)),
        [second.tokens, first.tokens],
      );
      for (const { text, tokens, choices } of [branch, longer, firstLonger]) {
        assert.equal(tokens.length - (choices?.length ?? 0), text === branch.text ? 10 : 20);
        assert.equal(text, context.tokenizer.decode(tokens));
      }
    });
  });

  it("begin with what was written, also within a character", async () => {
    const script = "ab😀c";
    const model = new FakeModel(128, saying(script, "x"));
    const bytes = [...Buffer.from(script)];
    const grown: string[] = [];
    const result = await generate(
      fakeContext(model),
      { prompt: { text: "x", written: bytes.slice(0, 4) }, maxTokens: 20, sampling: greedy, logProbabilities: 0 },
      control({ onText: (text) => grown.push(text) }),
    );
    assert.deepEqual([result.text, result.tokens, result.finish], [script, bytes, "endOfText"]);
    assert.deepEqual([...new Set(grown)], ["ab", "ab😀", "ab😀c"]);
    assert.deepEqual(
      result.choices?.map(({ text }) => text),
      ["", "😀", "c"],
    );
    assert.equal(result.timings.newTokens, 3);
  });

  it("find stop strings across the border, but go on after those that are complete before it", async () => {
    const write = (written: string, strings: readonly string[]) =>
      generate(
        fakeContext(new FakeModel(128, saying("one two one", "x"))),
        {
          prompt: { text: "x", written: [...Buffer.from(written)] },
          maxTokens: 20,
          sampling: greedy,
          stops: { strings },
        },
        control(),
      );
    assert.equal((await write("one t", ["two"])).text, "one ");
    assert.equal((await write("one two ", ["two"])).text, "one two one");
  });

  it("keep to their constraint, or are refused", async () => {
    const constraint = { kind: "regex", pattern: "a+b+c" } as const;
    const write = (written: string) =>
      generate(
        fakeContext(new FakeModel(128, wandering)),
        { prompt: { text: "x", written: [...Buffer.from(written)] }, maxTokens: 12, sampling: greedy, constraint },
        control(),
      );
    assert.match((await write("aab")).text, /^aab+c$/);
    await assert.rejects(write("aaz"), InputError);
  });

  it("have penalties by what was written before, as if it were written at once", async () => {
    const sampling = { temperature: 1, topK: 0, topP: 1, seed: 4, frequencyPenalty: 1.5, presencePenalty: 1 };
    const context = () => fakeContext(new FakeModel(256, wandering));
    const greedily = { ...sampling, temperature: 0 };
    const whole = await generate(context(), { prompt: "x", maxTokens: 30, sampling: greedily }, control());
    const random = seededRandom(8);
    for (let i = 0; i < 10; i++) {
      const cut = Math.floor(random() * 30);
      const written = whole.tokens.slice(0, cut);
      const rest = await generate(
        context(),
        { prompt: { text: "x", written }, maxTokens: 30 - cut, sampling: greedily },
        control(),
      );
      const { text, tokens }: Pick<GeneratedText, "text" | "tokens"> = rest;
      assert.deepEqual([text, tokens], [whole.text, whole.tokens]);
    }
  });
});
