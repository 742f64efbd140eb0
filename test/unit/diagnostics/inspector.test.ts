import assert from "node:assert/strict";
import { canServe, Inspector, type Question } from "../../../src/diagnostics/inspector";

const request = { prompt: { header: "", prefix: "a b", suffix: "" }, maxTokens: 8, healing: true };
const question: Question = { cursor: { file: "a.ts", line: 1, column: 4 }, request };
const candidate = { token: 5, text: "x", logit: -Infinity, probability: 0, chance: 0, rank: 1 };

/** An engine that notes what it is asked. */
function engineWith(tokens: number) {
  const asked: [method: string, params: Record<string, unknown>][] = [];
  const answers: Readonly<Record<string, unknown>> = {
    candidates: { candidates: [candidate], choices: 9, rolledBack: " b" },
    inspectPrompt: {
      tokens: Array.from({ length: tokens }, (_, token) => ({ token, text: "t", segment: "prefix" })),
      contextLength: 64,
      windowStart: 0,
    },
    expectedAt: [candidate],
    lens: [{ layer: 0, candidates: [candidate] }],
    attention: { heads: [Float32Array.of(1, 0), Float32Array.of(0.25, 0.75)] },
  };
  const engine = {
    describe: () => Promise.resolve({ config: { layers: 3, heads: 2 } }),
    inspect: (method: string, params: Record<string, unknown>) => {
      asked.push([method, params]);
      return Promise.resolve(answers[method]);
    },
  } as unknown as ConstructorParameters<typeof Inspector>[0];
  return { engine, asked };
}

const { signal } = new AbortController();

describe("canServe", () => {
  it("needs the logits for two tabs, and the layers for the third", () => {
    const served = (depth: Parameters<typeof canServe>[1]) =>
      (["logits", "text", "layers"] as const).filter((tab) => canServe(tab, depth));
    assert.deepEqual(
      [served("none"), served("logits"), served("layers")],
      [[], ["logits", "text"], ["logits", "text", "layers"]],
    );
  });
});

describe("Inspector", () => {
  it("asks for the next token with the sampling, and once more for a search", async () => {
    const { engine, asked } = engineWith(4);
    const inspector = new Inspector(engine);
    inspector.sampling = { healing: false, temperature: 0.5, topK: 3, topP: 1 };
    const view = await inspector.logits(question, signal);
    assert.deepEqual([view.found, view.rolledBack, view.choices, view.before], [undefined, " b", 9, "a b"]);
    assert.equal(view.candidates[0]?.logit, null, "JSON has no infinity");
    inspector.query = "x";
    assert.equal((await inspector.logits(question, signal)).found?.length, 1);
    const searches = asked.map(([, { search, healing, sampling }]) => [search, healing, sampling]);
    const sampling = { temperature: 0.5, topK: 3, topP: 1 };
    assert.deepEqual(searches, [
      [undefined, false, sampling],
      [undefined, false, sampling],
      ["x", false, sampling],
    ]);
  });

  it("begins with the last token, and keeps the chosen one until the prompt is another", async () => {
    const { engine, asked } = engineWith(4);
    const inspector = new Inspector(engine);
    const positions = async () => {
      await inspector.text(question, signal);
      await inspector.layers(question, signal);
      return asked.splice(0).flatMap(([, { position }]) => (position === undefined ? [] : [position]));
    };
    assert.deepEqual(await positions(), [3, 3, 3]);
    inspector.choose(1);
    assert.deepEqual(await positions(), [1, 1, 1]);
    const typed = { ...question, request: { ...request, prompt: { ...request.prompt, prefix: "a bc" } } };
    assert.equal((await inspector.text(typed, signal)).expected.position, 3);
  });

  it("shows the attention of the chosen head, of the last layer at first", async () => {
    const { engine, asked } = engineWith(2);
    const inspector = new Inspector(engine);
    const { attention } = await inspector.layers(question, signal);
    assert.deepEqual(attention, { layer: 2, head: 0, layers: 3, heads: 2, weights: [1, 0] });
    inspector.attend(1, 1);
    assert.deepEqual((await inspector.layers(question, signal)).attention.weights, [0.25, 0.75]);
    assert.equal(asked.at(-1)?.[1]["layer"], 1);
    inspector.attend(9, 9);
    assert.deepEqual((await inspector.layers(question, signal)).attention, {
      layer: 2,
      head: 1,
      layers: 3,
      heads: 2,
      weights: [0.25, 0.75],
    });
  });
});
