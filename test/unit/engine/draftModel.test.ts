import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import type { DraftModelChoice, OpenOptions } from "../../../src/engine/protocol";
import { kernelsBackend } from "../../../src/gpt2/backends/kernels/backend";
import { nodeThreads } from "../../../src/gpt2/backends/kernels/nodeThreads";
import { EngineService } from "../../../src/engine/service";
import { bundledModel, engineInThread } from "../../fixtures/engine";
import { oracleGguf } from "../../fixtures/ggufWriter";
import { writeSafetensorsModel } from "../../fixtures/safetensorsWriter";

const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const prompt = "The quick brown fox jumps over the lazy dog.";

describe("the engine with a draft model", () => {
  let folder = "";
  let tiny: { readonly kind: "path"; readonly path: string };
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-draft-"));
    tiny = { kind: "path", path: path.join(folder, "gpt2-tiny") };
    await writeSafetensorsModel(tiny.path, "gpt2-tiny");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** What comes of opening a model with a draft model, and what the log is told. */
  async function write(open: OpenOptions) {
    const warnings: string[] = [];
    await using engine = engineInThread(open, { warn: (line) => void warnings.push(line) });
    const texts: (readonly number[])[] = [];
    for (let i = 0; i < 3; i++) texts.push((await engine.generate({ prompt, maxTokens: 24, sampling: greedy })).tokens);
    return { texts, warnings, draftModel: (await engine.describe()).draftModel };
  }
  const withTiny = (draftModel?: DraftModelChoice): OpenOptions => ({
    ...bundledModel({ location: tiny }),
    ...(draftModel && { draftModel }),
  });

  it("opens it by path or from bytes, says so, and writes the same text", async () => {
    const plain = await write(withTiny());
    assert.equal(plain.draftModel, undefined);
    const bytes = await oracleGguf("gpt2-tiny", "Q8_0");
    const inMemory = { kind: "bytes", name: "small.gguf", files: [{ name: "small.gguf", bytes }] } as const;
    for (const [choice, name] of [
      [tiny, "gpt2-tiny"],
      [inMemory, "small.gguf"],
    ] as const) {
      const drafted = await write(withTiny(choice));
      assert.ok(drafted.draftModel?.kind === "ready");
      assert.equal(drafted.draftModel.name, name);
      assert.ok(drafted.draftModel.weightBytes > 1e6);
      assert.deepEqual([drafted.texts, drafted.warnings], [plain.texts, []]);
    }
  });

  it("goes on without one that is not there, is damaged, or has another vocabulary, and says why once", async () => {
    const damaged = path.join(folder, "damaged.gguf");
    await writeFile(damaged, "not a model");
    const plain = await write(withTiny());
    const cases: readonly (readonly [OpenOptions, RegExp])[] = [
      [withTiny({ kind: "path", path: path.join(folder, "nothing.gguf") }), /nothing\.gguf/],
      [withTiny({ kind: "path", path: damaged }), /damaged\.gguf/],
      [withTiny({ kind: "unusable", problem: "There is no model at “/x”." }), /There is no model at “\/x”\./],
      [
        withTiny(bundledModel().location),
        /vocabulary is p50k_edit, that of the model is gpt2\. Use a draft model with the same/,
      ],
    ];
    for (const [open, problem] of cases) {
      const { texts, warnings, draftModel } = await write(open);
      assert.deepEqual(texts, plain.texts);
      assert.ok(draftModel?.kind === "unusable");
      assert.match(draftModel.problem, problem);
      assert.deepEqual(warnings, [`The draft model is not used. ${draftModel.problem}`]);
    }
  });

  it("counts its memory, and gives it back with the model", async () => {
    const platform = nodePlatform(path.resolve("node_modules/onnxruntime-web/dist"));
    const heap = async (open: OpenOptions) => {
      await using service = new EngineService(platform);
      await service.open(open);
      const { heapBytes } = service.stats();
      // Another model in its place: the draft model goes with the old one.
      assert.equal((await service.open(withTiny())).draftModel, undefined);
      assert.ok(service.stats().heapBytes <= heapBytes);
      await service[Symbol.asyncDispose]();
      assert.equal(service.stats().heapBytes, 0);
      return heapBytes;
    };
    const alone = await heap(withTiny());
    const withDrafts = await heap(withTiny(tiny));
    assert.equal(withDrafts, 2 * alone);
  });

  it("disposes what it opened", async () => {
    const platform = nodePlatform(path.resolve("node_modules/onnxruntime-web/dist"));
    const running = new Set<number>();
    let started = 0;
    const service = new EngineService({
      ...platform,
      backends: [
        kernelsBackend({
          count: () => 2,
          start: async (...args) => {
            const end = await nodeThreads.start(...args);
            const id = started++;
            running.add(id);
            return async () => {
              await end();
              running.delete(id);
            };
          },
        }),
      ],
    });
    await service.open(withTiny(tiny));
    assert.equal(running.size, 2);
    await service[Symbol.asyncDispose]();
    assert.equal(running.size, 0);
  });
});
