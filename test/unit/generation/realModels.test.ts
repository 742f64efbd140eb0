import assert from "node:assert/strict";
import path from "node:path";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";
import { complete } from "../../../src/generation/complete";
import { type GenerationContext, generationContext } from "../../../src/generation/context";
import { decode } from "../../../src/generation/decoding/loop";
import { DrafterFactory } from "../../../src/generation/speculative/drafterFactory";
import { noDrafts } from "../../../src/generation/speculative/drafter";
import { generate } from "../../../src/generation/generate";
import { sampler } from "../../../src/generation/sampling/sampler";
import type { Precision } from "../../../src/gpt2/languageModel";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { numbersDrawnByModel } from "../../../src/generation/sampling/threefry";
import tinygrad from "../../fixtures/oracle/tinygrad_sampling.json";
import edge from "../../fixtures/oracle/edge.json";
import { oracleGreedy, oracleTokens } from "../../fixtures/oracleTensors";
import { openTestModel } from "../../fixtures/runtime";
import { syntheticWeights } from "../../fixtures/syntheticModel";
import { AssumedCosts, control, greedy } from "./fakes";

describe("generation with real models", () => {
  const opened: GenerationContext[] = [];

  async function open(precision: Precision, bundled: boolean): Promise<GenerationContext> {
    await using weights = bundled
      ? await openWeights(await nodeModelFiles(path.resolve("models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf")))
      : undefined;
    const model = await openTestModel(weights ?? syntheticWeights("gpt2-tiny"), {
      precision,
      threads: 2,
    });
    const drafters = new DrafterFactory(new AssumedCosts());
    const context = { ...generationContext(model, tokenizerFor(model.config)), drafters };
    opened.push(context);
    return context;
  }
  after(async () => {
    for (const { model } of opened) await model[Symbol.asyncDispose]();
  });

  describe("gpt2-tiny against the oracle", () => {
    let context: GenerationContext;
    before(async () => (context = await open("f32", false)));
    const continued = async (prompt: string | readonly number[], maxTokens: number) =>
      (await generate(context, { prompt, maxTokens, sampling: greedy }, control())).tokens;

    it("writes the greedy 40 tokens of both prompts, from text and from ids", async () => {
      assert.deepEqual(await continued("Hello.", 40), oracleGreedy("gpt2-tiny.short"));
      assert.deepEqual(await continued(oracleTokens("gpt2-tiny.long"), 40), oracleGreedy("gpt2-tiny.long"));
    });

    it("continues from token 0", async () => {
      const [first = -1, ...rest] = edge["empty_prompt_temp0_gpt2-tiny"].tokens;
      assert.deepEqual(await continued([first], rest.length), rest);
    });

    it("fills the context to its end, and continues past it", async () => {
      const prompt = Array.from({ length: 120 }, (_, i) => (i * 7919 + 13) % 50257);
      const expected = edge["fill_to_limit_120+8_gpt2-tiny"].new;
      assert.deepEqual(await continued(prompt, 8), expected);
      const longer = await continued(prompt, 200);
      assert.equal(longer.length, 200);
      assert.deepEqual(longer.slice(0, 8), expected);
    });

    it("writes what tinygrad writes with the same seed", async () => {
      const counter = numbersDrawnByModel(context.model.config);
      const randomStream = { kind: "threefry", counter, row: 0, rows: 1 } as const;
      for (const [name, expected] of Object.entries(tinygrad.cases)) {
        const [seed = NaN, temperature = NaN] = name.match(/[\d.]+/g)?.map(Number) ?? [];
        const sampling = { ...greedy, temperature, seed, randomStream };
        const { tokens } = await generate(
          context,
          { prompt: tinygrad.prompt, maxTokens: expected.tokens.length, sampling, stops: { endOfText: "write" } },
          control(),
        );
        assert.deepEqual(tokens, expected.tokens, name);
      }
    });

    it("begins without a prompt as tinygrad does", async () => {
      const request = { prompt: "", maxTokens: 10, sampling: greedy, emptyPrompt: "equalLogits" } as const;
      const { tokens } = await generate(context, request, control());
      assert.deepEqual(tokens, edge["empty_prompt_temp0_gpt2-tiny"].tokens);
    });

    it("accepts an empty prompt and one that is longer than the context", async () => {
      assert.equal((await continued("", 5)).length, 5);
      assert.equal((await continued("word ".repeat(1000), 5)).length, 5);
    });

    it("writes the same tokens whatever it wrote before", async () => {
      assert.deepEqual(await continued(edge.batch.p1, 10), edge.batch.greedy_p1);
      assert.deepEqual(await continued(edge.batch.p2, 10), edge.batch.greedy_p2);
      assert.deepEqual(await continued(edge.batch.p1, 10), edge.batch.greedy_p1);
    });
  });

  const code = [
    "export function area(width: number, height: number): number {",
    "  return width * height;",
    "}",
    "",
    "export function volume(width: number, height: number, depth: number): number {",
    "  return ",
  ].join("\n");

  for (const precision of ["f32", "int8"] as const) {
    describe(`the bundled model in ${precision}`, () => {
      let context: GenerationContext;
      before(async () => (context = await open(precision, true)));

      it("writes the same tokens with and without drafts, greedy and with a seed", async () => {
        const { tokenizer } = context;
        const head = [tokenizer.endOfText];
        for (const { temperature, seed, count } of [
          { temperature: 0, seed: 0, count: 70 },
          { temperature: 0.3, seed: 5, count: 40 },
        ]) {
          const write = async (drafted: boolean) => {
            const tokens: number[] = [];
            const prompt = { tokens: [...head, ...tokenizer.encode(code)], head: 1 };
            const choose = sampler({ ...greedy, temperature, seed });
            const drafter = drafted ? context.drafters.drafter({ ...greedy, temperature }) : noDrafts;
            let steps = 0;
            const pause = () => {
              steps++;
              return Promise.resolve();
            };
            await decode(
              context,
              { prompt, choose, drafter, accept: (t) => tokens.push(t) < count },
              control({ pause }),
            );
            return { tokens, steps };
          };
          const plain = await write(false);
          const drafted = await write(true);
          assert.deepEqual(drafted.tokens, plain.tokens);
          assert.ok(drafted.steps < plain.steps, `${drafted.steps} steps against ${plain.steps}`);
        }
      });

      it("completes a line, even if the cursor cuts a token", async () => {
        for (const cut of [0, 1, 4]) {
          const prompt = { header: "// area.ts\n", prefix: code.slice(0, code.length - cut), suffix: "\n}\n" };
          const request = { prompt, stop: "line", maxTokens: 24, sampling: greedy, healing: true } as const;
          const { text } = await complete(context, request, control());
          assert.match(text, /\S/);
          assert.ok(!text.includes("\n") && !text.includes("\ufffd"));
        }
      });

      it("computes only what is new after a keystroke", async () => {
        const request = (prefix: string) =>
          ({
            prompt: { header: "", prefix, suffix: "\n}\n" },
            stop: "line",
            maxTokens: 8,
            sampling: greedy,
            healing: false,
          }) as const;
        await complete(context, request(code), control());
        const { timings } = await complete(context, request(`${code}width`), control());
        assert.ok(timings.promptTokens - timings.cachedTokens <= 3, `${timings.promptTokens - timings.cachedTokens}`);
      });
    });
  }
});
