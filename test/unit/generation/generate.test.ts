import assert from "node:assert/strict";
import { generationContext } from "../../../src/generation/context";
import { InputError } from "../../../src/generation/errors";
import { generate, generateSeveral } from "../../../src/generation/generate";
import type { GenerateRequest } from "../../../src/generation/request";
import { logSumExp } from "../../../src/generation/sampling/logProbabilities";
import { control, fakeContext, FakeModel, FakeTokenizer, greedy, saying, wandering } from "./fakes";

const tokenizer = new FakeTokenizer();
const write = (model: FakeModel, more: Partial<GenerateRequest>) =>
  generate(fakeContext(model), { prompt: "x", maxTokens: 40, sampling: greedy, ...more }, control());

describe("a generated text", () => {
  it("ends before a stop string and at a stop token, which are no part of it", async () => {
    const model = () => new FakeModel(128, saying("one two three", "x"));
    const byString = await write(model(), { stops: { strings: ["o t"] } });
    assert.deepEqual([byString.text, byString.finish], ["one tw", "stop"]);
    const byToken = await write(model(), { stops: { tokens: [" ".charCodeAt(0)] } });
    assert.deepEqual([byToken.text, byToken.finish, byToken.tokens.length], ["one", "stop", 3]);
  });

  it("is streamed without what may become a stop string", async () => {
    const seen: string[] = [];
    const context = fakeContext(new FakeModel(128, saying("ab-c--d", "x")));
    const request = { prompt: "x", maxTokens: 40, sampling: greedy, stops: { strings: ["--"] } };
    const { text } = await generate(context, request, control({ onText: (soFar) => seen.push(soFar) }));
    assert.equal(text, "ab-c");
    assert.deepEqual([...new Set(seen)], ["a", "ab", "ab-c"]);
  });

  it("can go on after the model's end of text", async () => {
    const end = tokenizer.endOfText;
    const model = new FakeModel(64, (tokens) => {
      const logits = new Float32Array(tokenizer.vocabSize).fill(-1);
      logits[tokens.length % 2 === 0 ? end : 65] = 5;
      return logits;
    });
    const { tokens, text, finish } = await write(model, { maxTokens: 4, stops: { endOfText: "write" } });
    assert.deepEqual([tokens, finish], [[65, end, 65, end], "length"]);
    assert.equal(text, tokenizer.decode(tokens));
  });

  it("ends when its time is up", async () => {
    let now = 0;
    const model = new FakeModel(128, wandering);
    const context = { ...fakeContext(model), now: () => (now += 10) };
    const request = { prompt: "x", maxTokens: 100, sampling: greedy, stops: { maxMs: 500 } };
    const { finish, tokens } = await generate(context, request, control({ arrivedAt: 0 }));
    assert.equal(finish, "time");
    assert.ok(tokens.length > 1 && tokens.length < 50);
  });

  it("ends with the context if it is to, with the last position used", async () => {
    const model = new FakeModel(20, wandering);
    const ended = await write(model, { prompt: [1, 2, 3], maxTokens: 100, stops: { contextEnd: "stop" } });
    assert.deepEqual([ended.finish, ended.tokens.length], ["context", 18]);
    const moved = await write(new FakeModel(20, wandering), { prompt: [1, 2, 3], maxTokens: 100 });
    assert.deepEqual([moved.finish, moved.tokens.length], ["length", 100]);
    assert.deepEqual(moved.tokens.slice(0, 18), ended.tokens);
  });

  it("keeps to a limit of the context below the model's", async () => {
    const model = new FakeModel(200, wandering);
    const context = generationContext(model, tokenizer, undefined, undefined, 20);
    const stops = { contextEnd: "stop" } as const;
    const request = { prompt: [1, 2, 3], maxTokens: 100, sampling: greedy, stops };
    assert.deepEqual((await generate(context, request, control())).tokens.length, 18);
    const long = await generate(context, { ...request, prompt: Array.from({ length: 90 }, (_, i) => i) }, control());
    assert.ok(long.promptTokens.length <= 20);
  });

  it("begins with the first token where an empty prompt has equal logits, as in tinygrad", async () => {
    const model = new FakeModel(64, wandering);
    const { tokens, promptTokens } = await write(model, { prompt: "", maxTokens: 5, emptyPrompt: "equalLogits" });
    const after = await write(new FakeModel(64, wandering), { prompt: [0], maxTokens: 4 });
    assert.deepEqual(tokens, [0, ...after.tokens]);
    assert.deepEqual(promptTokens, []);
  });

  it("comes with the log probabilities of its tokens, before masks, penalties and filters", async () => {
    const model = new FakeModel(64, wandering);
    const sampling = { ...greedy, temperature: 0.5, topK: 3, forbiddenTokens: [7], repetitionPenalty: 2 };
    const { tokens, choices = [], promptTokens } = await write(model, { sampling, logProbabilities: 4, maxTokens: 6 });
    assert.equal(choices.length, tokens.length);
    for (const [i, { token, logProbability, alternatives }] of choices.entries()) {
      assert.equal(token, tokens[i]);
      const logits = wandering([...promptTokens, ...tokens.slice(0, i)]);
      assert.ok(Math.abs(logProbability - ((logits[token] ?? NaN) - logSumExp(logits))) < 1e-12);
      assert.equal(alternatives.length, 4);
      assert.ok(alternatives.every((other) => other.logProbability <= (alternatives[0]?.logProbability ?? NaN)));
    }
  });

  it("satisfies its constraint and ends when that is complete", async () => {
    const model = new FakeModel(128, wandering);
    const constraint = { kind: "regex", pattern: "\\d{3}-[a-f]+!" } as const;
    const { text, finish } = await write(model, { constraint, maxTokens: 20 });
    assert.match(text, /^\d{3}-[a-f]+!$/);
    assert.equal(finish, "stop");
    const sampling = { ...greedy, temperature: 1.5, seed: 3 };
    const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
    const request = { prompt: "x", sampling };
    const { texts } = await generateSeveral(
      fakeContext(model),
      { texts: [request, request], maxTokens: 60, constraint: { kind: "jsonSchema", schema } },
      control(),
    );
    for (const { text } of texts) assert.equal(typeof (JSON.parse(text) as { a: number }).a, "number");
  });

  it("is refused with options that make no sense", async () => {
    const refused = (bad: Partial<GenerateRequest>, message: RegExp) =>
      assert.rejects(write(new FakeModel(64, wandering), bad), (error) => {
        return error instanceof InputError && message.test(error.message);
      });
    const sampling = (more: object) => ({ sampling: { ...greedy, ...more } });
    await refused(sampling({ minP: 2 }), /Min-p must be a number from 0 to 1, not 2/);
    await refused(sampling({ typicalP: -1 }), /Typical-p/);
    await refused(sampling({ repetitionPenalty: 0 }), /repetition penalty must be a number above 0/);
    await refused(sampling({ frequencyPenalty: NaN }), /frequency penalty must be a number that is finite/);
    await refused(sampling({ mirostat: { tau: -1, eta: 0.1 } }), /Mirostat/);
    await refused(sampling({ logitBias: [{ token: 9999, bias: 1 }] }), /9999/);
    await refused(sampling({ allowedTokens: [-1] }), /-1/);
    await refused({ stops: { tokens: [5000] } }, /5000/);
    await refused({ stops: { maxMs: -1 } }, /time limit/);
    await refused({ logProbabilities: 1.5 }, /alternatives/);
    await refused({ constraint: { kind: "regex", pattern: "(" } }, /Invalid regular expression/);
  });
});
