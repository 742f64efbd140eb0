import assert from "node:assert/strict";
import { generate } from "../../../../src/generation/generate";
import { textLoss } from "../../../../src/generation/inspection/textLoss";
import { nextWindow } from "../../../../src/generation/prompt/contextEnd";
import { control, fakeContext, FakeModel, FakeTokenizer } from "../fakes";

const tokenizer = new FakeTokenizer();
const count = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i);

describe("nextWindow", () => {
  it("keeps the first tokens when it rotates, then the newest, for some more to come", () => {
    const window = nextWindow(count(101), 0, "rotate", { tokenizer, contextLength: 100 });
    assert.deepEqual(window.slice(0, 4), [0, 1, 2, 3]);
    assert.deepEqual(window.slice(4), count(window.length - 4, 101 - (window.length - 4)));
    assert.ok(window.length >= 70 && window.length <= 80);
  });

  it("keeps the head as well, and drops the first tokens of the text when it moves", () => {
    const context = { tokenizer, contextLength: 100 };
    assert.deepEqual(nextWindow(count(101), 3, "rotate", context).slice(0, 7), count(7));
    const moved = nextWindow(count(101), 3, "move", context);
    assert.deepEqual(moved.slice(0, 3), count(3));
    assert.notEqual(moved[3], 3);
    assert.equal(moved.at(-1), 100);
  });

  it("fits the smallest contexts", () => {
    for (const contextLength of [2, 3, 4, 5, 6, 9]) {
      for (const contextEnd of ["move", "rotate"] as const) {
        const window = nextWindow(count(contextLength + 1), 0, contextEnd, { tokenizer, contextLength });
        assert.ok(window.length > 0 && window.length < contextLength, `${contextEnd} ${contextLength}`);
        assert.equal(window.at(-1), contextLength);
      }
    }
  });
});

describe("the end of the context", () => {
  /** Records what each step of the model is about, and prefers the next letter. */
  function recorded(contextLength: number) {
    const seen: number[][] = [];
    const model = new FakeModel(contextLength, (tokens) => {
      seen.push([...tokens]);
      return new Float32Array(tokenizer.vocabSize);
    });
    return { model, seen };
  }

  it("rotates where Generate is asked to: the prompt's first tokens are always read", async () => {
    const { model, seen } = recorded(40);
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const request = {
      prompt: [65, 66, 67, 68, 69],
      maxTokens: 200,
      sampling,
      stops: { contextEnd: "rotate" },
    } as const;
    const { tokens } = await generate(fakeContext(model), request, control());
    assert.equal(tokens.length, 200);
    for (const read of seen.filter(({ length }) => length >= 4)) assert.deepEqual(read.slice(0, 4), [65, 66, 67, 68]);
  });

  it("is where the loss of a text is measured: each token once, after all that the window holds", async () => {
    const text = Array.from({ length: 300 }, (_, i) => String.fromCharCode(97 + (i % 26))).join("");
    for (const contextEnd of [undefined, "move", "rotate"] as const) {
      const { model, seen } = recorded(40);
      const request = { text, ...(contextEnd && { contextEnd }) };
      const loss = await textLoss(fakeContext(model), request, control());
      assert.equal(loss?.tokens, 300);
      assert.ok(Math.abs(loss.nats - 300 * Math.log(tokenizer.vocabSize)) < 1e-3, contextEnd);
      const shortest = Math.min(...seen.slice(60).map(({ length }) => length));
      if (contextEnd === undefined) assert.equal(shortest, 1);
      else assert.ok(shortest > 15, `${contextEnd} ${shortest}`);
    }
  });
});
