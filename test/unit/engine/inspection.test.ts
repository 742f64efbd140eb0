import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import type { CheckpointProgress, ModelLocation, OpenOptions } from "../../../src/engine/protocol";
import { EngineService } from "../../../src/engine/service";
import { InputError } from "../../../src/generation/errors";
import type { InspectedRequest } from "../../../src/generation/inspection/requests";
import type { IndependentValues } from "../../../src/gpt2/verification/checkpoints/independent";
import type { CheckpointReport } from "../../../src/gpt2/verification/checkpoints/run";
import type { Gpt2Config } from "../../../src/gpt2/config/config";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";

const platform = nodePlatform(path.resolve("node_modules/onnxruntime-web/dist"));
const folder = path.resolve("models/gpt2-code-mini");
const bundled = { kind: "path", path: folder } as const;
const vocabSize = 50284;
const tokenizer = tokenizerFor({ tokenizer: "p50k_edit", vocabSize });
const options = (precision: OpenOptions["precision"], location: ModelLocation = bundled): OpenOptions => {
  return { location, precision, threads: 2, cacheFolder: undefined };
};
const never = () => ({ signal: new AbortController().signal, onProgress: () => undefined });
const aborted = () => ({ signal: AbortSignal.abort(), onProgress: () => undefined });
const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const sum = (numbers: Iterable<number>) => Array.from(numbers).reduce((total, number) => total + number, 0);

describe("looking into the bundled model", () => {
  let engine: EngineService;
  let config: Gpt2Config;
  before(async () => {
    engine = new EngineService(platform);
    ({ config } = await engine.open(options("int8")));
  });
  after(() => engine[Symbol.asyncDispose]());

  const request: InspectedRequest = {
    prompt: { header: "// src/cart.ts\n", prefix: "export function total(items: Item[]) {\n  ret", suffix: "\n}\n" },
    maxTokens: 16,
    healing: true,
  };
  const complete = () => engine.handlers.complete({ ...request, stop: "line", sampling: greedy }, never());

  describe("a prompt", () => {
    it("has the tokens that a completion reads, and says what each is", async () => {
      const { tokens, windowStart, contextLength } = await engine.handlers.inspectPrompt(request, never());
      assert.deepEqual([windowStart, contextLength], [0, config.contextLength]);
      const of = (segment: string) =>
        tokens
          .filter((token) => token.segment === segment)
          .map(({ text }) => text)
          .join("");
      assert.equal(of("special"), "<|endoftext|><|fim_prefix|><|fim_suffix|><|fim_middle|>");
      assert.equal(of("suffix"), request.prompt.suffix);
      assert.equal(of("header"), request.prompt.header);
      assert.equal(of("rolledBack"), " ret");
      assert.equal(of("prefix") + of("rolledBack"), request.prompt.prefix);
      const { promptTokens } = await complete();
      const kept = tokens.filter(({ segment }) => segment !== "rolledBack");
      assert.deepEqual(
        kept.map(({ token }) => token),
        promptTokens,
      );
    });

    it("says how unlikely each token was", async () => {
      const { tokens } = await engine.handlers.inspectPrompt(request, never());
      const [first, ...others] = tokens;
      assert.equal(first?.prediction, undefined);
      assert.ok(others.every(({ prediction }) => prediction && prediction.surprisal >= 0 && prediction.entropy > 0));
      for (const position of [5, tokens.length - 3]) {
        const all = { ...request, position, count: vocabSize };
        const candidates = await engine.handlers.expectedAt(all, never());
        const own = candidates.find(({ token }) => token === tokens[position]?.token);
        const { surprisal, entropy, rank } = tokens[position]?.prediction ?? {};
        assert.equal(rank, own?.rank);
        assert.ok(Math.abs((surprisal ?? 0) + Math.log2(own?.probability ?? 0)) < 1e-6);
        const mean = -sum(candidates.map(({ probability: p }) => (p > 0 ? p * Math.log2(p) : 0)));
        assert.ok(Math.abs((entropy ?? 0) - mean) < 1e-6);
      }
    });

    it("computes only the new tokens while a person types", async () => {
      const typed = { ...request, prompt: { ...request.prompt, prefix: `${request.prompt.prefix}urn items` } };
      await engine.handlers.inspectPrompt(request, never());
      const before = engine.stats().computedTokens;
      const { tokens } = await engine.handlers.inspectPrompt(typed, never());
      assert.ok(engine.stats().computedTokens - before <= 4);
      const fresh = new EngineService(platform);
      await fresh.open(options("int8"));
      assert.deepEqual((await fresh.handlers.inspectPrompt(typed, never())).tokens, tokens);
      await fresh[Symbol.asyncDispose]();
    });

    it("leaves the cache of completions unchanged", async () => {
      const typed = { ...request, prompt: { ...request.prompt, prefix: `${request.prompt.prefix}urn items` } };
      const nextKey = async (look: (engine: EngineService) => Promise<unknown>) => {
        await using one = new EngineService(platform);
        await one.open(options("int8"));
        await one.handlers.complete({ ...request, stop: "line", sampling: greedy }, never());
        await look(one);
        const before = one.stats();
        const { text } = await one.handlers.complete({ ...typed, stop: "line", sampling: greedy }, never());
        return { text, computed: one.stats().computedTokens - before.computedTokens, slots: before.slots.length };
      };
      const looked = await nextKey(async ({ handlers }) => {
        await handlers.candidates({ ...request, healing: false, count: 10 }, never());
        await handlers.inspectPrompt(request, never());
        await handlers.expectedAt({ ...request, position: 5, count: 10 }, never());
      });
      assert.deepEqual(looked, await nextKey(() => Promise.resolve()));
    });

    it("says where the window over a long text begins", async () => {
      const prefix = Array.from({ length: config.contextLength }, (_, i) => `const café${i} = ${i};\n`).join("");
      const long = { ...request, prompt: { ...request.prompt, prefix }, healing: false };
      const { tokens, windowStart } = await engine.handlers.inspectPrompt(long, never());
      const read = tokens.filter(({ segment }) => segment === "prefix").map(({ token }) => token);
      assert.ok(windowStart > 1000 && tokens.length <= config.contextLength);
      assert.equal(tokenizer.decode(read), prefix.slice(windowStart));
    });

    it("is empty when it is cancelled, or for a token that does not exist", async () => {
      const other = { ...request, prompt: { ...request.prompt, header: "# other.py\n" } };
      assert.deepEqual((await engine.handlers.inspectPrompt(other, aborted())).tokens, []);
      const outside = { ...request, position: 1000, count: 3 };
      await assert.rejects(engine.handlers.expectedAt(outside, never()), InputError);
      assert.deepEqual(await engine.handlers.expectedAt({ ...request, position: 0, count: 3 }, never()), []);
    });
  });

  describe("candidates", () => {
    it("are those that a completion chooses from", async () => {
      const { rolledBack, choices, candidates } = await engine.handlers.candidates({ ...request, count: 10 }, never());
      assert.equal(rolledBack, " ret");
      assert.ok(choices > 3 && choices < 200);
      assert.ok(candidates.every(({ text }) => text.startsWith(rolledBack) || rolledBack.startsWith(text)));
      const { tokens } = await complete();
      assert.equal(candidates[0]?.token, tokens[0]);
      const all = await engine.handlers.candidates({ ...request, count: choices }, never());
      assert.ok(Math.abs(sum(all.candidates.map(({ probability }) => probability)) - 1) < 1e-9);
    });

    it("without healing are all tokens but those that lay out prompts", async () => {
      const unhealed = { ...request, healing: false, count: vocabSize };
      const { rolledBack, choices, candidates } = await engine.handlers.candidates(unhealed, never());
      assert.deepEqual([rolledBack, choices, candidates.length], ["", vocabSize - 3, vocabSize]);
      assert.ok(candidates.slice(-3).every(({ logit, probability }) => logit === -Infinity && probability === 0));
    });

    it("have the chances that temperature, top-k and top-p leave them", async () => {
      const chances = async (temperature: number, topK: number, topP: number) => {
        const sampling = { temperature, topK, topP };
        const { candidates } = await engine.handlers.candidates(
          { ...request, healing: false, count: 1000, sampling },
          never(),
        );
        return candidates.map(({ chance }) => chance);
      };
      assert.deepEqual((await chances(0, 0, 1)).slice(0, 2), [1, 0]);
      const three = await chances(0.7, 3, 1);
      assert.ok(Math.abs(sum(three.slice(0, 3)) - 1) < 1e-9 && three[3] === 0);
      const nucleus = await chances(1, 0, 0.5);
      assert.ok(Math.abs(sum(nucleus) - 1) < 1e-9);
    });

    it("can be searched by text and by id, with their ranks among all", async () => {
      const search = async (text: string) =>
        (await engine.handlers.candidates({ ...request, healing: false, count: 5, search: text }, never())).candidates;
      const named = await search("urn");
      assert.ok(named.length === 5 && named.every(({ text }) => text.includes("urn")));
      assert.ok(named.every(({ rank }, i) => i === 0 || rank > (named[i - 1]?.rank ?? 0)));
      const [urn] = named;
      const found = await search(String(urn?.token));
      assert.deepEqual(
        found.find(({ token }) => token === urn?.token),
        urn,
      );
      assert.deepEqual(await search("no token has this"), []);
    });
  });

  describe("a token", () => {
    it("through the lens ends in what the model expects", async () => {
      const { tokens } = await engine.handlers.inspectPrompt(request, never());
      const position = tokens.length - 2;
      const layers = await engine.handlers.lens({ ...request, position, count: 3 }, never());
      assert.deepEqual(
        layers.map(({ layer }) => layer),
        Array.from({ length: config.layers }, (_, layer) => layer),
      );
      const expected = await engine.handlers.expectedAt({ ...request, position: position + 1, count: 3 }, never());
      assert.deepEqual(layers.at(-1)?.candidates, expected);
      assert.notDeepEqual(layers[0]?.candidates, expected);
    });

    it("looks at itself and what is before it, in every head", async () => {
      const { heads } = await engine.handlers.attention({ ...request, position: 7, layer: 2 }, never());
      assert.equal(heads.length, config.heads);
      for (const weights of heads) {
        assert.equal(weights.length, 8);
        assert.ok(Math.abs(sum(weights) - 1) < 1e-5);
      }
      const layer = config.layers;
      const range = new RegExp(`0 to ${layer - 1}`);
      await assert.rejects(engine.handlers.attention({ ...request, position: 7, layer }, never()), range);
      await engine.handlers.endInspection(undefined, never());
    });
  });

  describe("checkpoints", () => {
    async function run(): Promise<{ report: CheckpointReport; progress: CheckpointProgress[] }> {
      const progress: CheckpointProgress[] = [];
      const onProgress = (part: CheckpointProgress) => progress.push(part);
      return { report: await engine.handlers.checkpoints({}, { ...never(), onProgress }), progress };
    }

    it("pass in int8, and the reference equals PyTorch", async () => {
      const { report, progress } = await run();
      assert.deepEqual(
        report.checkpoints.map(({ status }) => status),
        new Array(12).fill("passed"),
      );
      assert.deepEqual(
        [report.model, report.precision, report.threads, report.tokens],
        ["gpt2-code-mini", "int8", 2, [15496, 13]],
      );
      const results = progress.flatMap(({ result }) => result ?? []);
      assert.deepEqual(results, report.checkpoints);
      assert.equal(progress.at(-1)?.share, 1);
      const against = report.checkpoints.filter(({ parts }) => parts.some(({ name }) => name.includes("PyTorch")));
      assert.deepEqual(
        against.map(({ number }) => number),
        [1, 2, 3, 4, 5, 6, 7, 8, 12],
      );
    });

    it("let a keystroke go first, and end when they are cancelled", async () => {
      const stop = new AbortController();
      let answered = false;
      let answeredBeforeEnd = false;
      const onProgress = ({ share }: CheckpointProgress) => {
        if (share > 0.2 && !answered) {
          answered = true;
          void complete().then(() => {
            answeredBeforeEnd = true;
            stop.abort();
          });
        }
      };
      await assert.rejects(engine.handlers.checkpoints({}, { signal: stop.signal, onProgress }), {
        name: "AbortError",
      });
      assert.ok(answeredBeforeEnd);
    });

    it("take a text or tokens, and say when those do not fit", async () => {
      const refused = (params: Parameters<typeof engine.handlers.checkpoints>[0], message: RegExp) =>
        assert.rejects(
          engine.handlers.checkpoints(params, never()),
          (error) => error instanceof InputError && message.test(error.message),
        );
      await refused({ prompt: "" }, /at least one token/);
      await refused({ tokens: [vocabSize] }, /50284.*0 to 50283/);
      const most = config.contextLength - 10;
      const tooMany = new RegExp(`${most + 1} tokens.*at most ${most}`);
      await refused({ tokens: new Array<number>(most + 1).fill(13) }, tooMany);
    });
  });
});

describe("the bundled model's checkpoints", () => {
  it("pass in f32", async () => {
    await using engine = new EngineService(platform);
    await engine.open(options("f32"));
    const report = await engine.handlers.checkpoints({ prompt: "def f(" }, never());
    assert.deepEqual(
      report.checkpoints.map(({ status }) => status),
      new Array(12).fill("passed"),
    );
    assert.deepEqual(report.tokens, tokenizer.encode("def f("));
  });

  it("fail where the reference differs from PyTorch", async () => {
    const model = { name: "m.gguf", bytes: await readFile(path.join(folder, "gpt2-code-mini.Q8_0.gguf")) };
    const values = JSON.parse(await readFile(path.join(folder, "checkpoints.json"), "utf8")) as IndependentValues;
    const tensors = values.tensors.map((tensor) =>
      tensor.name === "h.3" ? { ...tensor, values: tensor.values.map((value) => value + 1e-6) } : tensor,
    );
    const bytes = new TextEncoder().encode(JSON.stringify({ ...values, tensors }));
    await using engine = new EngineService(platform);
    const files = [model, { name: "checkpoints.json", bytes }];
    await engine.open(options("int8", { kind: "bytes", name: "altered", files }));
    const { checkpoints } = await engine.handlers.checkpoints({}, never());
    assert.equal(checkpoints.find(({ status }) => status === "failed")?.number, 8);
    const part = checkpoints[7]?.parts.at(-1);
    assert.match(part?.name ?? "", /^h\.3, .*PyTorch/);
  });
});
