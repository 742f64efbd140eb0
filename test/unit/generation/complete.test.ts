import assert from "node:assert/strict";
import { candidates } from "../../../src/generation/inspection/candidates";
import { complete } from "../../../src/generation/complete";
import { generationContext } from "../../../src/generation/context";
import { InputError } from "../../../src/generation/errors";
import { generate } from "../../../src/generation/generate";
import type { CompletionRequest, GenerateRequest } from "../../../src/generation/request";
import {
  control,
  fakeContext,
  FakeModel,
  FakeTokenizer,
  greedy,
  saying,
  type LogitsFunction,
  wandering,
} from "./fakes";

const tokenizer = new FakeTokenizer();
const request = (prefix: string, more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  prompt: { header: "", prefix, suffix: "" },
  stop: "line",
  maxTokens: 32,
  sampling: greedy,
  healing: false,
  ...more,
});

describe("complete", () => {
  it("writes to the end of the line and keeps the prompt cached", async () => {
    const model = new FakeModel(128, saying("bar(1)\nmore", "x = "));
    const context = fakeContext(model);
    const first = await complete(context, request("x = "), control());
    assert.equal(first.text, "bar(1)");
    assert.equal(first.finish, "stop");
    assert.equal(first.timings.cachedTokens, 0);
    const again = await complete(context, request("x = "), control());
    assert.equal(again.timings.cachedTokens, again.timings.promptTokens - 1);
    assert.equal(model.heldSlots, 0);
  });

  it("ends at the end-of-text token, which is not part of the text", async () => {
    const result = await complete(fakeContext(new FakeModel(128, saying("ab", "x"))), request("x"), control());
    assert.deepEqual([result.text, result.finish], ["ab", "endOfText"]);
    assert.deepEqual(tokenizer.decode(result.tokens), "ab");
  });

  it("ends at the maximum number of tokens, even 0", async () => {
    const context = fakeContext(new FakeModel(128, saying("abcdef", "x")));
    assert.deepEqual((await complete(context, request("x", { maxTokens: 3 }), control())).text, "abc");
    const none = await complete(context, request("x", { maxTokens: 0 }), control());
    assert.deepEqual([none.text, none.finish, none.tokens.length], ["", "length", 0]);
  });

  it("does not repeat what healing rolled back", async () => {
    const model = new FakeModel(128, saying("return 1", "x\n"));
    const healed = await complete(fakeContext(model), request("x\nretu", { healing: true }), control());
    assert.equal(healed.text, "rn 1");
    assert.equal(tokenizer.decode(healed.tokens), "return 1");
  });

  it("omits an incomplete character until it is complete", async () => {
    const model = new FakeModel(128, saying("é😀", "x"));
    const seen: string[] = [];
    const result = await complete(fakeContext(model), request("x"), control({ onText: (text) => seen.push(text) }));
    assert.equal(result.text, "é😀");
    assert.deepEqual([...new Set(seen)], ["", "é", "é😀"]);
  });

  it("stops a text that repeats itself", async () => {
    const model = new FakeModel(512, saying("ab".repeat(100), "x"));
    const result = await complete(fakeContext(model), request("x", { maxTokens: 200 }), control());
    assert.equal(result.finish, "stop");
    assert.ok(result.tokens.length <= 31, `${result.tokens.length} tokens`);
  });

  it("stops between two steps when it is cancelled, and keeps what it computed cached", async () => {
    const model = new FakeModel(512, saying("abcdefgh", "x".repeat(300)));
    let time = 0;
    const context = generationContext(model, tokenizer, () => (time += 25));
    const signal = { aborted: false };
    let pauses = 0;
    const pause = () => {
      signal.aborted = ++pauses === 2;
      return Promise.resolve();
    };
    const cut = await complete(context, request("x".repeat(300)), control({ signal, pause }));
    assert.deepEqual([cut.finish, cut.text], ["cancelled", ""]);
    assert.equal(model.heldSlots, 0);
    const computed = model.computedTokens;
    assert.ok(computed > 0 && computed < 301);
    const whole = await complete(context, request("x".repeat(300)), control());
    assert.equal(whole.text, "abcdefgh");
    assert.equal(whole.timings.cachedTokens, computed);
  });

  it("computes nothing if it is cancelled before it begins", async () => {
    const model = new FakeModel(512, saying("abc", "x"));
    const { finish } = await complete(fakeContext(model), request("x"), control({ signal: { aborted: true } }));
    assert.deepEqual([finish, model.computedTokens], ["cancelled", 0]);
  });

  it("releases the slot when the model fails", async () => {
    const model = new FakeModel(128, () => {
      throw new Error("broken");
    });
    await assert.rejects(complete(fakeContext(model), request("x"), control()), /broken/);
    assert.equal(model.heldSlots, 0);
  });
});

describe("generate", () => {
  const free = (prompt: GenerateRequest["prompt"], maxTokens: number, more: Partial<GenerateRequest> = {}) => ({
    prompt,
    maxTokens,
    sampling: greedy,
    ...more,
  });

  it("begins a new document without a prompt", async () => {
    const context = fakeContext(new FakeModel(64, wandering));
    assert.deepEqual((await generate(context, free("", 3), control())).promptTokens, [tokenizer.endOfText]);
    assert.deepEqual((await generate(context, free([], 3), control())).promptTokens, [tokenizer.endOfText]);
  });

  it("never chooses a fill-in-the-middle token", async () => {
    const logits: LogitsFunction = (tokens) => {
      const logits = saying("abc", "")(tokens);
      logits[tokenizer.fim.prefix] = 9;
      return logits;
    };
    assert.equal((await generate(fakeContext(new FakeModel(64, logits)), free("", 9), control())).text, "abc");
  });

  it("streams the text as it grows", async () => {
    const seen: string[] = [];
    const model = new FakeModel(64, saying("abc", "x"));
    const result = await generate(fakeContext(model), free("x", 9), control({ onText: (text) => seen.push(text) }));
    assert.deepEqual(seen, ["a", "ab", "abc"]);
    assert.equal(result.text, "abc");
  });

  it("continues past the context in windows that fit it", async () => {
    for (const contextLength of [1, 2, 3, 16, 50]) {
      const model = new FakeModel(contextLength, wandering);
      const result = await generate(fakeContext(model), free([1, 2, 3], 200), control());
      assert.deepEqual([result.tokens.length, result.finish], [200, "length"]);
      assert.equal(model.heldSlots, 0);
    }
  });

  it("cuts the start of a prompt that is longer than the context", async () => {
    const model = new FakeModel(64, wandering);
    const prompt = Array.from({ length: 1000 }, (_, i) => i % 200);
    const { promptTokens } = await generate(fakeContext(model), free(prompt, 5), control());
    assert.ok(promptTokens.length <= 64);
    assert.deepEqual(promptTokens, prompt.slice(-promptTokens.length));
  });

  it("fills the context to its last position without moving the window", async () => {
    const model = new FakeModel(64, wandering);
    const prompt = Array.from({ length: 60 }, (_, i) => i);
    const result = await generate(fakeContext(model), free(prompt, 5), control());
    assert.equal(result.tokens.length, 5);
    assert.equal(model.computedTokens, 64);
  });

  it("writes the same text for the same seed, and another text for another seed", async () => {
    const context = fakeContext(new FakeModel(64, wandering));
    const text = async (seed: number) =>
      (await generate(context, free("x", 20, { sampling: { ...greedy, temperature: 1, seed } }), control())).tokens;
    assert.deepEqual(await text(1), await text(1));
    assert.notDeepEqual(await text(1), await text(2));
  });

  it("rejects unknown token ids and numbers out of range", async () => {
    const context = fakeContext(new FakeModel(64, wandering));
    const rejects = (bad: GenerateRequest, message: RegExp) =>
      assert.rejects(
        generate(context, bad, control()),
        (error) => error instanceof InputError && message.test(error.message),
      );
    await rejects(free([1, 99999], 3), /99999.*0 to 273/);
    await rejects(free([-1], 3), /-1/);
    await rejects(free([1.5], 3), /1\.5/);
    await rejects(free("x", -1), /whole number/);
    await rejects(free("x", 1, { sampling: { ...greedy, temperature: NaN } }), /temperature/);
    await rejects(free("x", 1, { sampling: { ...greedy, topP: 2 } }), /Top-p/);
    await rejects(free("x", 1, { sampling: { ...greedy, topK: 0.5 } }), /Top-k/);
  });
});

describe("candidates", () => {
  it("are the most likely tokens at the cursor", async () => {
    const context = fakeContext(new FakeModel(64, saying("a", "x")));
    const prompt = { header: "", prefix: "x", suffix: "" };
    const request = { prompt, maxTokens: 1, healing: false, count: 5 };
    const [first, ...rest] = (await candidates(context, request, control())).candidates;
    assert.equal(first?.text, "a");
    assert.equal(rest.length, 4);
  });
});
