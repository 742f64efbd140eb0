import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { EngineService } from "../../../src/engine/service";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import { openModel, openTappedModel } from "../../../src/engine/openModel";
import { openRemotePart, type PartLink } from "../../../src/engine/parts/remotePart";
import { type PartHost, servePart } from "../../../src/engine/parts/servePart";
import type { EnginePlatform } from "../../../src/engine/platform";
import type { OpenOptions } from "../../../src/engine/protocol";
import { ModelFileError } from "../../../src/formats/errors";
import { openAdapter } from "../../../src/gpt2/adapters/openAdapter";
import { ComputeError, PartStoppedError } from "../../../src/gpt2/errors";
import { checkpointTaps } from "../../../src/gpt2/taps";
import { everyModule, peftContents, peftFiles, peftTensors, randomModules } from "../../fixtures/adapters";
import { assertSameNumbers } from "../../fixtures/difference";
import { languageModelContract } from "../../fixtures/languageModelContract";
import { maxDifference } from "../../fixtures/runtime";
import { writeSafetensorsModel } from "../../fixtures/safetensorsWriter";
import { oracleConfig } from "../../fixtures/syntheticModel";

const unexpected = (message: string) => assert.fail(message);
const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const inThread = nodePlatform(path.resolve("node_modules/onnxruntime-web/dist"));

/** A worker in this thread, whose messages are copied as between threads. */
class LocalWorker {
  die: (reason: string) => void = () => undefined;
  disposed = false;
  /** What it was asked for. */
  readonly methods: string[] = [];

  readonly link: PartLink;

  constructor(platform: EnginePlatform) {
    let toEngine: Parameters<PartLink["onMessage"]>[0] = () => undefined;
    let toPart: Parameters<PartHost["onMessage"]>[0] = () => undefined;
    servePart(platform, {
      post: (message, transfer = []) => {
        const copy = structuredClone(message, { transfer: [...transfer] });
        setImmediate(() => toEngine(copy));
      },
      onMessage: (listener) => (toPart = listener),
    });
    this.link = {
      post: (message) => {
        const copy = structuredClone(message);
        this.methods.push(message.method);
        setImmediate(() => toPart(copy));
      },
      onMessage: (listener) => (toEngine = listener),
      onDeath: (listener) => (this.die = listener),
      [Symbol.asyncDispose]: () => {
        this.disposed = true;
        return Promise.resolve();
      },
    };
  }
}

describe("parts of a model in workers", () => {
  let folder = "";
  let workers: LocalWorker[] = [];
  const platform: EnginePlatform = {
    ...inThread,
    spawnPart: () => {
      const worker = new LocalWorker(inThread);
      workers.push(worker);
      return Promise.resolve(worker.link);
    },
  };
  const options = (more: Partial<OpenOptions> = {}): OpenOptions => ({
    ...{ location: { kind: "path", path: folder }, deviceMap: "1,1", precision: "int8", threads: 1 },
    ...{ cacheFolder: undefined, ...more },
  });
  const open = async (more: Partial<OpenOptions> = {}) => {
    const { model, weights } = await openModel(platform, options(more), unexpected);
    await weights[Symbol.asyncDispose]();
    return model;
  };
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-parts-"));
    await writeSafetensorsModel(folder, "gpt2-tiny");
  });
  beforeEach(() => (workers = []));
  after(() => rm(folder, { recursive: true }));

  languageModelContract({ open: () => open(), tolerance: 0, branches: true });

  it("leave the progress of loading to the part that is not in a worker", async () => {
    const shares: number[] = [];
    const { model, weights } = await openModel(platform, options(), unexpected, (share) => shares.push(share));
    await weights[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    assert.equal(shares.at(-1), 1);
  });

  it("return the tensors inside them, and end with the model", async () => {
    const [split, whole] = [platform, inThread].map((on) =>
      openTappedModel(on, options({ deviceMap: on === platform ? "1,1" : "auto" }), unexpected),
    );
    assert.ok(split && whole);
    const [one, other] = await Promise.all([split, whole]);
    assert.equal(workers.length, 1);
    const taps = checkpointTaps(one.model.config);
    using slot = await one.model.acquire([1, 2, 3]);
    using same = await other.model.acquire([1, 2, 3]);
    const tensors = await one.model.forwardTapped(slot, [1, 2, 3], taps);
    const expected = await other.model.forwardTapped(same, [1, 2, 3], taps);
    for (const name of taps) {
      assert.equal(maxDifference(tensors.get(name)?.data ?? [], expected.get(name)?.data ?? []), 0, name);
    }
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    assert.ok(workers.every(({ disposed }) => disposed));
  });

  it("stop the model when one of them dies", async () => {
    await using model = await open();
    using slot = await model.acquire([1, 2, 3]);
    await model.forward(slot, [1, 2]);
    const step = model.forward(slot, [3]);
    workers[0]?.die("out of memory");
    await assert.rejects(step, (error) => {
      return (
        error instanceof ComputeError &&
        error.message.includes("A part of the model stopped unexpectedly (out of memory)")
      );
    });
    assert.deepEqual(slot.tokens, [1, 2]);
    await assert.rejects(model.forward(slot, [3]), ComputeError);
  });

  it("are started again, once, when one of them dies while the engine uses the model", async () => {
    const warnings: string[] = [];
    const reopened: string[] = [];
    await using engine = new EngineService(
      platform,
      (message) => warnings.push(message),
      ({ name }) => reopened.push(name),
    );
    await engine.open(options());
    const request = { texts: [{ prompt: [15496, 13], sampling: greedy }], maxTokens: 4 };
    const write = async () => {
      const control = { signal: new AbortController().signal, onProgress: () => undefined };
      return (await engine.handlers.generateSeveral(request, control)).texts[0]?.tokens;
    };
    const tokens = await write();
    assert.equal(tokens?.length, 4);
    workers[0]?.die("out of memory");
    assert.deepEqual(await write(), tokens);
    assert.deepEqual([workers.length, warnings.length, reopened.length], [2, 1, 1]);
    workers[1]?.die("out of memory");
    await assert.rejects(write(), PartStoppedError);
    await assert.rejects(write(), PartStoppedError);
    assert.equal(workers.length, 2);
  });

  it("switch adapters between requests, and merge them, as the whole model does", async () => {
    const config = { ...oracleConfig("gpt2-tiny"), layers: 2 };
    const tensors = peftTensors(randomModules(config, everyModule(config), { seed: 7, strength: 0.02 }));
    const location = { kind: "path", path: path.join(folder, "adapter") } as const;
    await mkdir(location.path);
    for (const [name, bytes] of peftContents(tensors)) await writeFile(path.join(location.path, name), bytes);
    const logitsOf = async (on: EnginePlatform, more: Partial<OpenOptions>, adapter?: string) => {
      const { model, weights } = await openModel(on, options(more), unexpected);
      await weights[Symbol.asyncDispose]();
      await using opened = model;
      await opened.addAdapter?.("own", await openAdapter(await on.openFiles(location), config));
      using slot = await opened.acquire([15496, 13], "continue", adapter);
      return (await opened.forward(slot, [15496, 13], 2)).slice();
    };
    const plain = await logitsOf(platform, {});
    for (const [more, adapter] of [
      [{}, "own"],
      [{ mergedAdapter: location }, undefined],
    ] as const) {
      const expected = await logitsOf(inThread, { ...more, deviceMap: "auto" }, adapter);
      assert.ok(maxDifference(expected, plain) > 0.01);
      assertSameNumbers(await logitsOf(platform, more, adapter), expected);
    }
    assert.equal(workers.length, 3);
  });

  const openLastPart = (worker: LocalWorker) => {
    const config = { ...oracleConfig("gpt2-tiny"), layers: 1, part: { firstLayer: 1, totalLayers: 2 } };
    const location = { kind: "path", path: folder } as const;
    const request = { location, range: { from: 1, to: 2 }, backend: "kernels", precision: "int8", threads: 1 } as const;
    return openRemotePart(worker.link, config, {
      ...request,
      roundToHalf: false,
      tapped: false,
      cacheFolder: undefined,
    });
  };

  it("free an adapter that another part has no memory for", async () => {
    await using part = await openLastPart(new LocalWorker(inThread));
    const { config } = part;
    const tensors = peftTensors(randomModules(config, everyModule(config), { seed: 7, strength: 0.02 }));
    await part.addAdapter?.("own", await openAdapter(peftFiles(tensors), config));
    const buffer = await part.storage.allocate(8);
    const step = { x: new Float32Array(config.width), rows: 1, past: 0, buffer, logitRows: 1, adapter: "own" };
    await part.run(step);
    await part.removeAdapter?.("own");
    await assert.rejects(part.run(step), /no adapter own/);
  });

  it("fail after an operation on buffers has failed, and are closed all the same", async () => {
    const worker = new LocalWorker(inThread);
    const part = await openLastPart(worker);
    const { config } = part;
    const [freed, other] = [await part.storage.allocate(8), await part.storage.allocate(8)];
    freed[Symbol.dispose]();
    other.copyFrom(freed, 1);
    const step = { x: new Float32Array(config.width), rows: 1, past: 0, buffer: other, logitRows: 1 };
    await assert.rejects(
      part.run(step).then(() => part.run(step)),
      /There is no buffer/,
    );
    await part[Symbol.asyncDispose]();
    assert.equal(worker.methods.at(-1), "close");
    assert.ok(worker.disposed);
    await assert.rejects(part.run(step), /was closed/);
  });

  it("say why their caches of prepared weights cannot be used", async () => {
    const openCache = () => ({
      get: () => Promise.reject(new Error("The disk is full.")),
      put: () => Promise.resolve(),
    });
    const spawnPart = () => Promise.resolve(new LocalWorker({ ...inThread, openCache }).link);
    const warnings: string[] = [];
    const { model, weights } = await openModel(
      { ...inThread, openCache: undefined, spawnPart },
      options({ cacheFolder: folder }),
      (message) => warnings.push(message),
    );
    await model[Symbol.asyncDispose]();
    await weights[Symbol.asyncDispose]();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /cache of prepared weights cannot be used.*The disk is full/);
  });

  it("leave no worker when a part cannot be opened there, and say why", async () => {
    const broken: EnginePlatform = {
      ...inThread,
      openFiles: () => Promise.reject(new ModelFileError("model.safetensors may not be read: no permission.")),
    };
    const spawnPart = () => {
      const worker = new LocalWorker(broken);
      workers.push(worker);
      return Promise.resolve(worker.link);
    };
    await assert.rejects(
      openModel({ ...inThread, spawnPart }, options(), unexpected),
      (error) => error instanceof ModelFileError && error.message.includes("no permission"),
    );
    assert.deepEqual(
      workers.map(({ disposed }) => disposed),
      [true],
    );
  });
});
