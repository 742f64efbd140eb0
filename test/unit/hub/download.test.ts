import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { HubClient, type HubClientOptions } from "../../../src/hub/client";
import { DownloadError, type DownloadProblem } from "../../../src/hub/errors";
import { NodeStorage } from "../../../src/hub/host/nodeStorage";
import { deleteModel, installedModels } from "../../../src/hub/installedModels";
import {
  type DownloadOptions,
  downloadModel,
  type DownloadProgress,
  planDownload,
} from "../../../src/hub/modelDownload";
import { parseReference } from "../../../src/hub/repository";
import type { RetryPolicy } from "../../../src/hub/retry";
import { diskFull } from "../../../src/hub/space";
import type { FileAppender } from "../../../src/hub/storage";
import { type Fault, HubServer, type SeenRequest } from "../../fixtures/hubServer";
import { until } from "../../fixtures/until";

const weights = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24);
const config = new TextEncoder().encode('{"model_type":"gpt2"}');
const vocabulary = new TextEncoder().encode("{}");
const weightsFile = "model.safetensors";
const quick: RetryPolicy = { failures: 3, firstDelayMs: 1, longestDelayMs: 50 };
const never = () => new AbortController().signal;

describe("downloading a model", () => {
  let server: HubServer;
  let folder: string;
  let storage: NodeStorage;

  beforeEach(async () => {
    server = await HubServer.start({
      "test/model": { "config.json": config, "vocab.json": vocabulary, "README.md": config, [weightsFile]: weights },
      "test/several": { "a.Q4_0.gguf": weights, "b.Q8_0.gguf": config },
      "test/nothing": { "README.md": config },
    });
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-hub-"));
    storage = new NodeStorage(folder);
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const client = (options: Partial<HubClientOptions> = {}) =>
    new HubClient({ endpoint: new URL(server.endpoint), stallMs: 2000, ...options });

  async function download(name = "test/model", options: Partial<DownloadOptions> = {}): Promise<string> {
    const hub = options.client ?? client();
    const plan = await planDownload(hub, parseReference(name), never());
    return downloadModel(plan, {
      ...{ client: hub, storage, signal: never(), onProgress: () => undefined, policy: quick, pollMs: 5 },
      ...options,
    });
  }

  async function failure(action: Promise<unknown>): Promise<DownloadError> {
    try {
      await action;
    } catch (error) {
      if (error instanceof DownloadError) return error;
      throw error;
    }
    throw new Error("The download succeeded.");
  }

  async function fails(action: Promise<unknown>, problem: DownloadProblem, message: RegExp): Promise<void> {
    const error = await failure(action);
    assert.equal(error.problem, problem, error.message);
    assert.match(error.message, message);
  }

  /** The first of the requests for the weights has this fault; or as many as there are faults. */
  function faults(...list: readonly Fault[]): void {
    const left = [...list];
    server.fault = ({ server: from, path: requested }: SeenRequest) =>
      from === "storage" && requested.endsWith(weightsFile) ? left.shift() : undefined;
  }

  const downloaded = async () => new Uint8Array(await readFile(path.join(folder, "test--model", weightsFile)));

  it("brings the files that belong to the model, says how far it is, and leaves nothing else", async () => {
    const progress: DownloadProgress[] = [];
    assert.equal(
      await download("test/model", { onProgress: (one) => progress.push(one) }),
      path.join(folder, "test--model"),
    );
    assert.deepEqual(await downloaded(), weights);
    assert.deepEqual((await readdir(path.join(folder, "test--model"))).sort(), [
      "config.json",
      "download.json",
      weightsFile,
      "vocab.json",
    ]);
    assert.deepEqual(await readdir(folder), ["test--model"]);
    const total = weights.length + config.length + vocabulary.length;
    const last = progress.at(-1);
    if (last?.kind !== "receiving") assert.fail("no bytes at the end");
    assert.deepEqual([last.bytes, last.totalBytes], [total, total]);
    const [installed] = await installedModels(storage);
    assert.deepEqual(
      [installed?.repository, installed?.complete, installed?.bytes, installed?.license],
      ["test/model", true, total, "mit"],
    );
  });

  it("requests nothing but the listing for a model that is there", async () => {
    await download();
    const before = server.seen.length;
    await download();
    assert.equal(server.seen.length, before + 1);
  });

  it("goes on after a connection that was cut at any byte", async () => {
    for (const after of [0, 1, 65_535, 65_536, 65_537, 299_999, 300_000]) {
      await rm(path.join(folder, "test--model"), { recursive: true, force: true });
      server.seen.length = 0;
      faults({ kind: "cut", after });
      await download();
      assert.deepEqual(await downloaded(), weights, String(after));
      const requests = server.requestsFor(weightsFile);
      const [, second] = requests;
      if (after === weights.length) assert.equal(requests.length, 1);
      // What had arrived but not been read is lost with the connection.
      else assert.ok(Number(/\d+/.exec(second?.range ?? "0")?.[0]) <= after, second?.range);
    }
  });

  it("goes on where a cancelled download ended, in another process too", async () => {
    const stop = new AbortController();
    const onProgress = (progress: DownloadProgress) => {
      if (progress.kind === "receiving" && progress.bytes > 130_000) stop.abort(new Error("cancelled"));
    };
    server.pauseMs = 5;
    await assert.rejects(download("test/model", { signal: stop.signal, onProgress }), /cancelled/);
    const partial = await readFile(path.join(folder, "test--model", `${weightsFile}.partial`));
    assert.ok(partial.length > 65_536 && partial.length < weights.length);
    const [installed] = await installedModels(storage);
    assert.equal(installed?.complete, false);
    await download("test/model", { storage: new NodeStorage(folder) });
    assert.deepEqual(await downloaded(), weights);
    const request = server.requestsFor(weightsFile).at(-1);
    assert.ok(request);
    assert.equal(request.range, `bytes=${partial.length}-`);
    assert.match(request.ifRange ?? "", /^"[0-9a-f]{32}"$/);
  });

  it("starts a file over that has changed on the server, or of which the server sends no parts", async () => {
    for (const fault of [undefined, { kind: "noRanges" } as const]) {
      const target = path.join(folder, "test--model");
      await rm(target, { recursive: true, force: true });
      faults({ kind: "cut", after: 100_000 }, { kind: "status", status: 400 });
      await fails(download(), "unexpected", /status 400/);
      if (fault) faults(fault);
      else await writeFile(path.join(target, `${weightsFile}.partial.json`), '{"identity":"\\"another\\""}');
      await download();
      assert.deepEqual(await downloaded(), weights);
    }
  });

  it("throws away what it has when that is longer than the file, or nothing can follow it", async () => {
    await download();
    const target = path.join(folder, "test--model", weightsFile);
    for (const length of [weights.length + 1, weights.length]) {
      await rm(target);
      await writeFile(`${target}.partial`, new Uint8Array(length));
      if (length > weights.length) await download();
      else await fails(download(), "damaged", /another content than announced.*deleted/);
    }
    await download();
    assert.deepEqual(await downloaded(), weights);
  });

  it("deletes a file with a wrong hash, and says so", async () => {
    const wrong = weights.slice();
    wrong[1234] = (wrong[1234] ?? 0) + 1;
    for (const listsHashes of [true, false]) {
      server.listsHashes = listsHashes;
      faults({ kind: "content", bytes: wrong });
      await fails(download(), "damaged", /model\.safetensors.*SHA-256.*deleted/);
      assert.ok(!(await readdir(path.join(folder, "test--model"))).some((name) => name.startsWith(weightsFile)));
    }
  });

  it("refuses a file of another length than announced before it fills the disk", async () => {
    faults({ kind: "content", bytes: new Uint8Array(400_000) });
    await fails(download(), "unexpected", /another length/);
    faults({ kind: "content", bytes: new Uint8Array(10) });
    await fails(download(), "unexpected", /another length/);
  });

  it("tries again after a fault of the server, and gives up after some", async () => {
    faults({ kind: "status", status: 500 }, { kind: "status", status: 503 });
    const retries: DownloadProgress[] = [];
    await download("test/model", { onProgress: (one) => one.kind === "retrying" && retries.push(one) });
    assert.equal(retries.length, 2);
    await deleteModel(storage, "test--model");
    faults(...Array.from({ length: 3 }, () => ({ kind: "status", status: 500 }) as const));
    await fails(download(), "server", /status 500/);
    assert.equal(server.requestsFor(weightsFile).length, 6);
  });

  it("waits as long as a busy server asks for, but not for minutes", async () => {
    faults({ kind: "status", status: 429, headers: { "retry-after": "0" } });
    const delays: number[] = [];
    await download("test/model", { onProgress: (one) => one.kind === "retrying" && delays.push(one.delayMs) });
    assert.deepEqual(delays, [0]);
    await deleteModel(storage, "test--model");
    faults({ kind: "status", status: 429, headers: { "retry-after": "600" } });
    await fails(download(), "busy", /too many requests.*in 10 min/);
    assert.equal(server.requestsFor(weightsFile).length, 3);
  });

  it("does not wait for ever for a server that sends nothing", async () => {
    faults({ kind: "stall", after: 70_000 });
    await download("test/model", { client: client({ stallMs: 100 }) });
    assert.deepEqual(await downloaded(), weights);
    faults(...Array.from({ length: 3 }, () => ({ kind: "stall", after: 0 }) as const));
    await deleteModel(storage, "test--model");
    await fails(download("test/model", { client: client({ stallMs: 100 }) }), "connection", /sent nothing for 1 s/);
  });

  it("says what to do about a model that needs a token, with and without one", async () => {
    server.token = "hf_right";
    const terms = /accept the terms of test\/model on http:\/\/127\.0\.0\.1:\d+\/test\/model/;
    await fails(download(), "access", /only for people who have accepted.*Set Hugging Face Token/);
    await fails(download(), "access", terms);
    const wrong = await failure(download("test/model", { client: client({ token: "hf_wrong" }) }));
    assert.match(wrong.message, /token gives no access/);
    assert.doesNotMatch(wrong.message, /hf_wrong/);
    await download("test/model", { client: client({ token: "hf_right" }) });
    assert.deepEqual(await downloaded(), weights);
  });

  it("sends the token to the hub and to no other host", async () => {
    server.token = "hf_right";
    await download("test/model", { client: client({ token: "hf_right" }) });
    const sent = new Set(server.seen.map(({ server: to, authorization }) => `${to} ${authorization}`));
    assert.deepEqual([...sent].sort(), ["hub Bearer hf_right", "storage undefined"]);
  });

  it("sends no token where the host follows redirects unseen, or where it could be read on the way", async () => {
    await download("test/model", { client: client({ token: "hf_right", redirects: "unchecked" }) });
    assert.ok(server.seen.every(({ authorization }) => authorization === undefined));
    const headers: unknown[] = [];
    const fetch = (_: unknown, init?: RequestInit) => {
      headers.push(init?.headers);
      return Promise.resolve(new Response("{}", { status: 404 }));
    };
    const mirror = new HubClient({ endpoint: new URL("http://mirror.test"), token: "hf_right", fetch });
    await fails(planDownload(mirror, { repository: "a/b" }, never()), "missing", /mirror\.test has no a\/b/);
    assert.deepEqual(headers, [{}]);
  });

  it("says when there is no such model, file or version", async () => {
    await fails(download("test/none"), "missing", /has no test\/none.*Check the name/);
    await fails(download("test/nothing"), "missing", /no model in a format/);
    await fails(download("test/model/other.bin"), "missing", /no file other\.bin/);
    faults({ kind: "status", status: 404 });
    await fails(download(), "missing", /has no test\/model\/model\.safetensors/);
  });

  it("asks which of several models is meant, and brings that one", async () => {
    await fails(
      download("test/several"),
      "unexpected",
      /Name one of them: test\/several\/a\.Q4_0\.gguf, test\/several\/b/,
    );
    const file = await download("test/several/b.Q8_0.gguf");
    assert.equal(file, path.join(folder, "test--several--b.Q8_0.gguf", "b.Q8_0.gguf"));
    assert.deepEqual(new Uint8Array(await readFile(file)), config);
  });

  it("does not follow redirects in circles, to no address, or to another protocol", async () => {
    for (const to of ["/a", "file:///etc/passwd", "http://[", ""]) {
      server.fault = ({ path: requested }) => (requested.startsWith("/api") ? { kind: "redirect", to } : undefined);
      if (to === "/a") server.fault = () => ({ kind: "redirect", to });
      await fails(download(), "unexpected", to === "/a" ? /in circles/ : /not safe to follow/);
    }
  });

  it("says that a server is no hub", async () => {
    const page = () => Promise.resolve(new Response("<html>Log in to the network</html>"));
    await fails(
      download("test/model", { client: client({ fetch: page }) }),
      "unexpected",
      /not answer as a Hugging Face hub/,
    );
  });

  it("says that there is no connection", async () => {
    const gone = await HubServer.start({});
    await gone[Symbol.asyncDispose]();
    const closed = new HubClient({ endpoint: new URL(gone.endpoint) });
    await fails(
      download("test/model", { client: closed }),
      "connection",
      /The connection to 127\.0\.0\.1:\d+ failed \(.*ECONNREFUSED.*\)/,
    );
  });

  it("keeps what it has when the disk is full, and goes on when there is space", async () => {
    let space = 200_000;
    server.pauseMs = 2;
    class SmallDisk extends NodeStorage {
      override async append(file: string): Promise<FileAppender> {
        const appender = await super.append(file);
        return {
          ...appender,
          write: async (bytes) => {
            if (bytes.length > space) throw diskFull(new Error("ENOSPC"));
            space -= bytes.length;
            await appender.write(bytes);
          },
        };
      }
    }
    await fails(download("test/model", { storage: new SmallDisk(folder) }), "space", /disk is full.*is kept/);
    const [installed] = await installedModels(storage);
    assert.ok((installed?.bytes ?? 0) > 100_000);
    space = Infinity;
    await download("test/model", { storage: new SmallDisk(folder) });
    assert.deepEqual(await downloaded(), weights);
    assert.match(server.requestsFor(weightsFile).at(-1)?.range ?? "", /^bytes=\d+-$/);
  });

  it("begins only where there is space for all of it", async () => {
    class FullDisk extends NodeStorage {
      override freeBytes = () => Promise.resolve(50e6);
    }
    await fails(
      download("test/model", { storage: new FullDisk(folder) }),
      "space",
      /needs 68 MB, and the disk has 50 MB/,
    );
    assert.equal(server.requestsFor(weightsFile).length, 0);
  });

  it("lets two windows share one download", async () => {
    server.pauseMs = 10;
    let waited = false;
    const onProgress = ({ kind }: DownloadProgress) => (waited ||= kind === "waiting");
    await Promise.all([download("test/model", { onProgress }), download("test/model", { onProgress })]);
    assert.ok(waited);
    assert.deepEqual(await downloaded(), weights);
    assert.equal(server.requestsFor(weightsFile).length, 1);
  });

  it("goes on for a window that gave up", async () => {
    server.pauseMs = 20;
    const stop = new AbortController();
    const first = download("test/model", { signal: stop.signal });
    await until(() => server.requestsFor(weightsFile).length > 0);
    const second = download("test/model", { onProgress: () => stop.abort(new Error("closed")) });
    await assert.rejects(first, /closed/);
    await second;
    assert.deepEqual(await downloaded(), weights);
  });

  it("deletes a model with all that belongs to it, but not while it is downloaded", async () => {
    await download();
    const lock = await storage.lock("test--model");
    await fails(deleteModel(storage, "test--model"), "busy", /being downloaded/);
    await lock?.[Symbol.asyncDispose]();
    await deleteModel(storage, "test--model");
    assert.deepEqual(await readdir(folder), []);
  });
});
