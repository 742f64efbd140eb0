import assert from "node:assert/strict";
import { afterFailure, afterLateAnswer, afterProbe, healthy } from "../../../src/backend/fallback/outage";
import { FallbackBackend } from "../../../src/backend/fallback/fallbackBackend";
import type { ServerPresence } from "../../../src/backend/backend";
import { LocalBackend } from "../../../src/backend/localBackend";
import type { EngineClient } from "../../../src/engine/client";
import { bundledModel, engineInThread } from "../../fixtures/engine";
import { backendFor, MemoryLog, requestAfter } from "../../fixtures/servers/backend";
import { type Answer, llamaCppServer, llamaCppStream } from "../../fixtures/servers/handlers";
import { json, ProtocolServer } from "../../fixtures/protocolServer";
import { until } from "../../fixtures/until";

describe("the health of a server", () => {
  const error = new Error("no");

  it("doubles the time until it is tried again, up to five minutes, until it has answered", () => {
    let health = healthy;
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      health = afterProbe(afterFailure(health, error, 1000));
      waits.push((afterFailure(health, error, 0).outage?.retryAt ?? 0) / 1000);
    }
    assert.deepEqual(waits, [4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    assert.equal(afterFailure(healthy, error, 0).outage?.retryAt, 2000);
  });

  it("waits as long as the server asks", () => {
    assert.equal(afterFailure(healthy, error, 500, 60_000).outage?.retryAt, 60_500);
  });

  it("forgives one late answer, but not two in a row", () => {
    const once = afterLateAnswer(healthy, error, 0);
    assert.equal(once.outage, undefined);
    assert.equal(afterLateAnswer(once, error, 0).outage?.error, error);
  });
});

describe("FallbackBackend", () => {
  let engine: EngineClient;
  let local: LocalBackend;
  let problems: Error[];
  /** The server when the problem was reported. */
  let reported: ServerPresence | undefined;
  let log: MemoryLog;
  let backend: FallbackBackend;
  before(() => {
    engine = engineInThread(bundledModel());
    local = new LocalBackend(engine);
  });
  after(() => engine[Symbol.asyncDispose]());
  beforeEach(() => {
    problems = [];
    log = new MemoryLog();
    const onProblem = (problem: Error) => {
      problems.push(problem);
      reported = backend.server;
    };
    backend = new FallbackBackend({ local, onProblem, log });
  });
  afterEach(() => backend[Symbol.dispose]());

  const code = "const secretOfMine = ";
  const request = requestAfter(code);
  const key = "key-of-the-server";

  async function serving(answer: Answer, timeoutMs = 5000): Promise<ProtocolServer> {
    const server = await ProtocolServer.start(llamaCppServer(answer));
    backend.useServer({ backend: backendFor(server.url, { key, timeoutMs }, { log }), timeoutMs });
    return server;
  }

  it("is the local engine where no server is set up", async () => {
    const { text } = await backend.complete(request);
    assert.equal(text, (await local.complete(request)).text);
    assert.equal(backend.server, undefined);
    assert.deepEqual(backend.state, local.state);
  });

  it("takes the server's text, and shows the host", async () => {
    await using server = await serving(() => llamaCppStream([" 42;"]));
    const states: string[] = [];
    const subscription = backend.onDidChangeState(({ kind }) => states.push(kind));
    const { text } = await backend.complete(request);
    assert.equal(text, "42;");
    subscription[Symbol.dispose]();
    assert.deepEqual(states, ["loading", "ready"]);
    assert.deepEqual(backend.server, { host: server.host, isUsed: true, problem: undefined });
    backend.useServer(undefined);
    assert.equal(backend.server, undefined);
  });

  it("has the local engine answer a key that the server is late for, and asks the server for the next", async () => {
    const local42 = (await local.complete(request)).text;
    let silent = true;
    await using server = await serving(() => (silent ? { fault: "silent" } : llamaCppStream([" 42;"])), 1000);
    await backend.describe();
    assert.equal((await backend.complete(request)).text, local42);
    await until(() => server.running === 0);
    assert.equal(server.to("/completion")[0]?.aborted, true);
    silent = false;
    assert.equal((await backend.complete(request)).text, "42;");
    assert.deepEqual(problems, []);
  });

  const faults: Readonly<Record<string, Answer>> = {
    "a slow first byte, again and again": () => ({ fault: "silent" }),
    "a stall in the middle": () => llamaCppStream([" 4"], { fault: "stall" }),
    "a cut connection": () => llamaCppStream([" 4"], { fault: "cut" }),
    "status 401": () => json({ error: { message: `bad key ${key}` } }, 401),
    "status 403": () => json({ error: { message: "no" } }, 403),
    "status 404": () => json({ error: { message: "no model" } }, 404),
    "status 429": () => ({ ...json({ error: "busy" }, 429), headers: { "retry-after": "30" } }),
    "status 500": ({ body }) => json({ error: { message: `failed at ${JSON.stringify(body)}` } }, 500),
    "status 503": () => ({ ...json({ error: "loading" }, 503), headers: { "retry-after": "30" } }),
    "a web page": () => ({ headers: { "content-type": "text/html" }, chunks: [`<html>${code}</html>`] }),
    "half an event": () => ({ chunks: ['data: {"content":"4'] }),
    "no JSON": () => ({ chunks: [`data: ${code}\n\n`] }),
    "a redirect to another host": () => ({ status: 302, headers: { location: "http://127.0.0.1:9/" } }),
  };
  for (const [fault, answer] of Object.entries(faults)) {
    it(`goes on typing after ${fault}: one message, and no code or key in the log`, async () => {
      const expected = (await local.complete(request)).text;
      await using server = await serving(answer, 120);
      await backend.describe();
      for (let i = 0; i < 4; i++) assert.equal((await backend.complete(request)).text, expected);
      assert.equal(problems.length, 1);
      assert.deepEqual(reported, { host: server.host, isUsed: false, problem: problems[0]?.message });
      assert.equal(backend.state.kind, "ready");
      const said = [...log.lines, ...problems.map(String)].join("\n");
      assert.doesNotMatch(said, /secretOfMine|key-of-the-server/);
      assert.equal(log.lines.filter((line) => line.includes("The local model completes meanwhile.")).length, 1);
      assert.ok(server.to("/completion").length <= 4);
    });
  }

  it("goes on with a server that cannot be reached, or whose certificate is not trusted", async () => {
    const expected = (await local.complete(request)).text;
    const gone = await ProtocolServer.start(() => undefined);
    await gone[Symbol.asyncDispose]();
    await using untrusted = await ProtocolServer.start(() => undefined, { tls: true });
    for (const { url } of [gone, untrusted]) {
      problems.length = 0;
      backend.useServer({ backend: backendFor(url), timeoutMs: 1000 });
      for (let i = 0; i < 3; i++) assert.equal((await backend.complete(request)).text, expected);
      assert.equal(problems.length, 1);
    }
    assert.match(String(problems[0]), /certificate/);
  });

  it("returns to a server that can be reached again, without keeping a key waiting", async () => {
    let up = false;
    await using server = await serving(() =>
      up ? llamaCppStream([" 42;"]) : { ...json({}, 503), headers: { "retry-after": "3600" } },
    );
    await backend.complete(request);
    assert.equal(backend.server?.isUsed, false);
    up = true;
    await backend.restart();
    assert.equal((await backend.complete(request)).text, "42;");
    assert.equal(backend.server.isUsed, true);
    assert.ok(server.to("/completion").length >= 2);
  });

  it("does not begin a generated text again that the server has begun", async () => {
    await using server = await serving(() => llamaCppStream(["4"], { fault: "cut" }));
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const texts: string[] = [];
    const generated = backend.generate({ prompt: "a", maxTokens: 4, sampling }, { onText: (text) => texts.push(text) });
    await assert.rejects(generated, /in the middle/);
    assert.deepEqual(texts, ["4"]);
    assert.equal(server.to("/completion").length, 1);
  });

  it("shows the server's candidates and timings, and the local engine's everything else", async () => {
    const probabilities = [
      {
        top_logprobs: [
          { id: 7, token: "b", logprob: -2 },
          { id: 6, token: "a", logprob: -0.5 },
        ],
      },
    ];
    await using server = await serving(({ body }) =>
      body?.["stream"] === true ? llamaCppStream(["1"]) : json({ completion_probabilities: probabilities }),
    );
    await backend.complete(request);
    const { candidates } = await backend.inspection.inspect("candidates", { ...request, count: 10 });
    assert.deepEqual(
      candidates.map(({ token, text, rank }) => ({ token, text, rank })),
      [
        { token: 6, text: "a", rank: 1 },
        { token: 7, text: "b", rank: 2 },
      ],
    );
    assert.equal((await backend.inspection.stats())?.recent.length, 1);
    assert.equal((await backend.inspection.describe()).name, "gpt2-code-mini");
    assert.equal(server.to("/completion").length, 2);
  });

  it("leaves texts that must match something to the local engine", async () => {
    await using server = await serving(() => llamaCppStream(["x"]));
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const constraint = { kind: "regex", pattern: "[0-9]{3}" } as const;
    const { text } = await backend.generate({ prompt: "a = ", maxTokens: 4, sampling, constraint });
    assert.match(text, /^\d{3}$/);
    assert.deepEqual(server.received, []);
  });
});
