import assert from "node:assert/strict";
import path from "node:path";
import { ggufModel } from "../../../models/ggufModel";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import type { AdapterChoice, CheckpointProgress, ModelLocation, OpenOptions } from "../../../src/engine/protocol";
import { EngineService } from "../../../src/engine/service";
import type { CallContext } from "../../../src/engine/serve";
import { checkModel } from "../../../src/engine/checkModel";
import { openTappedWithAdapter } from "../../../src/engine/openModel";
import { ModelFileError } from "../../../src/formats/errors";
import { InputError } from "../../../src/generation/errors";
import type { CompletionRequest } from "../../../src/generation/request";
import { dequantizedWeights } from "../../../src/gpt2/verification/checkpoints/dequantizedWeights";
import { peftConfig, peftContents, peftTensors, randomModules } from "../../fixtures/adapters";
import { collect } from "../../fixtures/ggufWriter";
import { oracleConfig, oracleScales, randomWeights } from "../../fixtures/syntheticModel";
import { ggufMetadataOf, smallVocabulary } from "../../fixtures/vocabularies";

const platform = nodePlatform(path.resolve("node_modules/onnxruntime-web/dist"));
const config = { ...oracleConfig("gpt2-tiny"), vocabSize: 1000 };
const modules = Array.from({ length: config.layers }, (_, layer) => [
  `h.${layer}.attn.c_attn`,
  `h.${layer}.mlp.c_proj`,
]);

function locationOf(contents: ReadonlyMap<string, Uint8Array>): ModelLocation {
  return { kind: "bytes", name: "adapter", files: Array.from(contents, ([name, bytes]) => ({ name, bytes })) };
}

function adapter(seed: number, name = String(seed)): AdapterChoice {
  const tensors = peftTensors(randomModules(config, modules.flat(), { seed, strength: 0.2 }));
  return { name, location: locationOf(peftContents(tensors)) };
}

const call = <T = undefined>(): CallContext<T> => ({
  signal: new AbortController().signal,
  onProgress: () => undefined,
});
const unexpected = (message: string) => assert.fail(message);
const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const request: CompletionRequest = {
  prompt: { header: "", prefix: "const total = ", suffix: "" },
  ...{ stop: "none", maxTokens: 12, healing: false, sampling },
};

describe("requests for an adapter", () => {
  let model: ModelLocation;
  before(async () => {
    const vocabulary = ggufMetadataOf(smallVocabulary(), "gpt-2", { "<|endoftext|>": 3 }, { eos_token_id: 0 });
    const weights = randomWeights(config, 1, oracleScales("gpt2-tiny"));
    const bytes = await collect(ggufModel(weights, { name: "tiny", type: "F32", vocabulary }));
    model = { kind: "bytes", name: "tiny.gguf", files: [{ name: "tiny.gguf", bytes }] };
  });

  async function opened<T>(options: Partial<OpenOptions>, use: (engine: EngineService) => Promise<T>): Promise<T> {
    await using engine = new EngineService(platform);
    await engine.open({ location: model, precision: "int8", threads: 1, cacheFolder: undefined, ...options });
    return await use(engine);
  }
  const tokensOf = async (engine: EngineService, name?: string) => {
    const own = name === undefined ? request : { ...request, adapter: name };
    return (await engine.handlers.complete(own, call())).tokens;
  };

  for (const [backend, precision] of [
    ["kernels", "int8"],
    ["onnxruntime", "f32"],
  ] as const) {
    it(`on ${backend} are answered by it, and all others by the model alone, also when they take turns`, () =>
      opened({ backend, precision, adapters: [adapter(1), adapter(2)] }, async (engine) => {
        const alone = await opened({ backend, precision }, (plain) => tokensOf(plain));
        assert.deepEqual(await tokensOf(engine), alone);
        const [one, two] = [await tokensOf(engine, "1"), await tokensOf(engine, "2")];
        assert.equal(new Set([alone, one, two].map(String)).size, 3);
        assert.deepEqual(await tokensOf(engine), alone);
        const names = [undefined, "1", "2", undefined, "2", "1"];
        const together = await Promise.all(names.map((name) => tokensOf(engine, name)));
        assert.deepEqual(together, [alone, one, two, alone, two, one]);
      }));
  }

  it("write on ONNX Runtime what the model with the adapter merged into it writes", async () => {
    const choice = adapter(3);
    if (choice.location.kind === "unusable") assert.fail();
    const options = { backend: "onnxruntime", precision: "f32" } as const;
    const merged = await opened({ ...options, mergedAdapter: choice.location }, (engine) => tokensOf(engine));
    const switched = await opened({ ...options, adapters: [choice] }, (engine) => tokensOf(engine, "3"));
    assert.deepEqual(switched, merged);
  });

  for (const [backend, precision] of [
    ["kernels", "int8"],
    ["onnxruntime", "f32"],
  ] as const) {
    it(`can be checked against the reference on ${backend}`, () =>
      opened({ backend, precision, adapters: [adapter(1)] }, async (engine) => {
        const tokens = [15, 13];
        const run = (more: { readonly adapter?: string }) => engine.handlers.checkpoints({ tokens, ...more }, call());
        const [plain, adapted] = [await run({}), await run({ adapter: "1" })];
        const failed = adapted.checkpoints.filter(({ status }) => status !== "passed");
        assert.deepEqual([adapted.checkpoints.length, failed], [12, []]);
        assert.deepEqual([plain.model, adapted.model], ["tiny.gguf", "tiny.gguf with the adapter 1"]);
        assert.notDeepEqual(adapted.continuation, plain.continuation);
        await assert.rejects(run({ adapter: "2" }), InputError);
      }));
  }

  it("fail the checkpoints from the first product on against a reference without the adapter", async () => {
    const { location } = adapter(1);
    if (location.kind === "unusable") assert.fail();
    const options = { location: model, precision: "int8", threads: 1, cacheFolder: undefined } as const;
    await using tapped = await openTappedWithAdapter(platform, options, location, unexpected);
    const reference = dequantizedWeights(tapped.weights, tapped.model.info);
    const control = { ...call<CheckpointProgress>(), pause: () => Promise.resolve() };
    const { checkpoints } = await checkModel({ ...tapped, reference }, { tokens: [15, 13] }, control);
    assert.deepEqual(
      checkpoints.slice(0, 3).map(({ status }) => status),
      ["passed", "failed", "suspect"],
    );
  });

  it("have slots of their own in the cache, and do not lose those of the others", () =>
    opened({ adapters: [adapter(1)] }, async (engine) => {
      for (const name of [undefined, "1"]) await tokensOf(engine, name);
      const slots = engine.stats().slots.map(({ adapter: of }) => of);
      assert.deepEqual(slots.toSorted(), ["1", undefined]);
      for (const name of [undefined, "1"]) {
        const own = name === undefined ? request : { ...request, adapter: name };
        const { timings } = await engine.handlers.complete(own, call());
        assert.equal(timings.cachedTokens, timings.promptTokens - 1, String(name));
      }
    }));

  it("score lines, inspect the prompt, and look into the layers with it", () =>
    opened({ adapters: [adapter(1)] }, async (engine) => {
      const { handlers } = engine;
      const plain = { prompt: request.prompt, maxTokens: 12, healing: false };
      const results = await Promise.all(
        [plain, { ...plain, adapter: "1" }].map(async (own) => ({
          scores: await handlers.scoreLines({ ...own, lines: ["a + b;"] }, call()),
          surprisal: (await handlers.inspectPrompt(own, call())).tokens.map(({ prediction }) => prediction?.surprisal),
          next: (await handlers.candidates({ ...own, count: 3 }, call())).candidates.map(({ token }) => token),
          layers: (await handlers.lens({ ...own, position: 2, count: 3 }, call())).map(({ candidates }) =>
            candidates.map(({ token }) => token),
          ),
        })),
      );
      const [without, withOne] = results;
      for (const key of ["scores", "surprisal", "next", "layers"] as const) {
        assert.notDeepEqual(withOne?.[key], without?.[key], key);
      }
      await handlers.endInspection(undefined, call());
    }));

  it("are answered by the model alone when there is no such adapter, or it cannot be used, and the description says why", () =>
    opened({}, async (plain) => {
      const alone = await tokensOf(plain);
      const wrong = peftContents([], { ...peftConfig, use_dora: true });
      const adapters: AdapterChoice[] = [
        { name: "gone", location: { kind: "unusable", problem: "There is none." } },
        { name: "dora", location: locationOf(wrong) },
        adapter(4, "good"),
      ];
      await using engine = new EngineService(platform);
      const options = { location: model, precision: "int8", threads: 1, cacheFolder: undefined, adapters } as const;
      const description = await engine.open(options);
      const kinds = description.adapters?.map(({ kind, name }) => `${name} ${kind}`);
      assert.deepEqual(kinds, ["gone unusable", "dora unusable", "good ready"]);
      assert.match(JSON.stringify(description.adapters), /uses use_dora \(true\), which is not supported/);
      for (const name of ["gone", "dora", "other"]) assert.deepEqual(await tokensOf(engine, name), alone, name);
      assert.notDeepEqual(await tokensOf(engine, "good"), alone);
    }));

  it("that is to be merged into the model stop it from opening when it cannot be used", async () => {
    const mergedAdapter = locationOf(peftContents([], { ...peftConfig, bias: "all" }));
    await assert.rejects(
      opened({ mergedAdapter }, () => Promise.resolve()),
      (error) => {
        return error instanceof ModelFileError && error.message.includes('uses bias ("all")');
      },
    );
  });
});
