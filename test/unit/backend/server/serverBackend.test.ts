import assert from "node:assert/strict";
import { capabilitiesOf } from "../../../../src/backend/backend";
import { ServerError } from "../../../../src/backend/server/errors";
import { backendFor, MemoryLog, requestAfter } from "../../../fixtures/servers/backend";
import { llamaCppScores, llamaCppServer, llamaCppStream } from "../../../fixtures/servers/handlers";
import { json, ProtocolServer, type Received } from "../../../fixtures/protocolServer";
import { until } from "../../../fixtures/until";

const promptOf = (request: Received | undefined) => request?.body?.["prompt"];

describe("ServerBackend", () => {
  it("asks the server what it is before text is sent, and only once", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream(["1;"])));
    const sent: string[] = [];
    const log = new MemoryLog();
    const backend = backendFor(server.url, {}, { onSend: (host) => sent.push(host), log });
    assert.equal(backend.state.kind, "idle");
    const { name, capabilities } = await backend.describe();
    assert.equal(name, `gpt2-code-mini.gguf (${server.host})`);
    assert.deepEqual(sent, []);
    assert.equal(capabilities.fillInTheMiddle, true);
    assert.equal(capabilities.lineScores, true);
    assert.equal(backend.state.kind, "ready");
    await backend.complete(requestAfter("const a ="));
    await backend.complete(requestAfter("const b ="));
    assert.deepEqual(sent, [server.host, server.host]);
    assert.equal(server.to("/props").length, 2, "to recognize it, and to describe it");
    assert.match(log.lines.join(), /runs gpt2-code-mini\.gguf \(llama\.cpp\)/);
  });

  it("streams a text, ends it at its stop rule, and closes the connection", async () => {
    const texts = [" 1", "2;\n", "const", " more"];
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream(texts, { fault: "stall" })));
    const seen: string[] = [];
    const { text, finish } = await backendFor(server.url).complete(requestAfter("const a ="), {
      onText: (soFar) => seen.push(soFar),
    });
    assert.deepEqual({ text, finish }, { text: " 12;", finish: "stop" });
    assert.equal(seen.at(-1), " 12;");
    await until(() => server.running === 0);
    assert.equal(server.to("/completion")[0]?.aborted, true);
  });

  it("heals the prompt: the answer begins with the piece that the cursor cuts", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream([" sum", " + 1;"])));
    const { text } = await backendFor(server.url).complete(requestAfter("return su"));
    assert.equal(text, "m + 1;");
    const body = server.to("/completion")[0]?.body;
    assert.equal(body?.["prompt"], "<|endoftext|>// a.ts\nreturn");
    assert.equal(body["grammar"], 'root ::= " su" [^\\x00]*');
    assert.equal(body["cache_prompt"], true);
  });

  it("puts the suffix first, so that typing only appends to the prompt", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream(["1"])));
    const backend = backendFor(server.url);
    for (const prefix of ["let a", "let ab"]) {
      await backend.complete(requestAfter(prefix, { healing: false, prompt: { header: "", prefix, suffix: "\n}" } }));
    }
    const [first, second] = server.to("/completion").map((request) => String(promptOf(request)));
    assert.equal(first, "<|endoftext|><|fim_prefix|><|fim_suffix|>\n}<|fim_middle|>let a");
    assert.equal(second, `${first}b`);
  });

  it("reports what the server says of its time and its cache", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream(["1", "2"])));
    const backend = backendFor(server.url);
    const finished: number[] = [];
    const subscription = backend.onDidFinish(({ newTokens }) => finished.push(newTokens));
    const { timings } = await backend.complete(requestAfter("a ="));
    subscription[Symbol.dispose]();
    assert.deepEqual(finished, [2]);
    assert.deepEqual(
      [timings.promptTokens, timings.cachedTokens, timings.prefillMs, timings.decodeMs],
      [100, 90, 3, 4],
    );
    assert.equal(timings.networkMs, Math.max(0, timings.totalMs - 7));
    assert.deepEqual(backend.recent, [timings]);
  });

  it("frees the server when a keystroke aborts a request, and keeps one running and one waiting", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream(["1"], { fault: "stall" })));
    const backend = backendFor(server.url);
    await backend.describe();
    const stops = [0, 1, 2].map(() => new AbortController());
    const results = stops.map(({ signal }, i) => backend.complete(requestAfter(`let a${i} =`), { signal }));
    await until(() => server.to("/completion").length === 1);
    assert.equal((await results[1])?.finish, "cancelled");
    stops[0]?.abort();
    assert.equal((await results[0])?.finish, "cancelled");
    await until(() => server.to("/completion").length === 2);
    assert.equal(server.to("/completion")[0]?.aborted, true);
    assert.match(String(promptOf(server.to("/completion")[1])), /let a2$/);
    stops[2]?.abort();
    await results[2];
    await until(() => server.running === 0);
    assert.equal(server.to("/completion").length, 2);
  });

  it("lets Generate run beside typing", async () => {
    await using server = await ProtocolServer.start(
      llamaCppServer(({ body }) =>
        body?.["n_predict"] === 99 ? llamaCppStream(["g"], { fault: "stall" }) : llamaCppStream(["1"]),
      ),
    );
    const backend = backendFor(server.url);
    const stop = new AbortController();
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const generated = backend.generate({ prompt: "x", maxTokens: 99, sampling }, { signal: stop.signal });
    await until(() => server.to("/completion").length === 1);
    assert.equal((await backend.complete(requestAfter("a ="))).text, "1");
    stop.abort();
    assert.equal((await generated).finish, "cancelled");
  });

  it("writes several texts one after the other, and leaves to others what servers do not have", async () => {
    await using server = await ProtocolServer.start(
      llamaCppServer(({ body }) => llamaCppStream([`seed ${String(body?.["seed"])}`])),
    );
    const backend = backendFor(server.url);
    const samplings = [3, 4].map((seed) => ({ temperature: 1, topK: 0, topP: 1, seed }));
    const request = { prompt: "x", maxTokens: 9, samplings, alternatives: 0 };
    const growth: string[] = [];
    const { texts, timings } = await backend.generateTexts(request, {
      onGrowth: ({ index, text }) => growth.push(`${index} ${text}`),
    });
    assert.deepEqual(
      texts.map(({ text, finish, tokens }) => ({ text, finish, tokens })),
      ["seed 3", "seed 4"].map((text) => ({ text, finish: "endOfText", tokens: [] })),
    );
    assert.deepEqual(growth, ["0 seed 3", "1 seed 4"]);
    assert.equal(timings.newTokens, 2);
    const late = await backend.generateTexts({ ...request, stops: { maxMs: 0 } });
    assert.deepEqual(
      late.texts.map(({ finish }) => finish),
      ["time", "time"],
    );
    assert.equal(server.to("/completion").length, 2);
    const beams = { count: 2, lengthPenalty: 1 };
    await assert.rejects(backend.generateTexts({ ...request, beams }), /need the local model/);
  });

  it("ends a text when its time is up", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream(["a"], { fault: "stall" })));
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const stops = { maxMs: 300 };
    const backend = backendFor(server.url);
    await backend.describe();
    const { text, finish } = await backend.generate({ prompt: "x", maxTokens: 9, sampling, stops });
    assert.equal(finish, "time");
    assert.ok(["", "a"].includes(text));
    await until(() => server.running === 0);
  });

  it("fails an answer that ends in the middle of an event, and one that contains an error", async () => {
    const half = { headers: { "content-type": "text/event-stream" }, chunks: ['data: {"content":"1"}\n\ndata: {"con'] };
    const failed = { ...half, chunks: ['data: {"error":{"message":"out of memory"}}\n\n'] };
    const nonsense = { ...half, chunks: ["data: nonsense\n\n"] };
    for (const [reply, problem, message] of [
      [half, "cut", /in the middle/],
      [failed, "failed", /out of memory/],
      [nonsense, "notJson", /not JSON/],
    ] as const) {
      await using server = await ProtocolServer.start(llamaCppServer(() => reply));
      await assert.rejects(backendFor(server.url).complete(requestAfter("a =")), (error) => {
        return error instanceof ServerError && error.problem === problem && message.test(error.message);
      });
    }
  });

  it("replaces invalid UTF-8 in an answer", async () => {
    const bytes = Buffer.concat([
      Buffer.from('data: {"content":"a'),
      Buffer.from([0xff]),
      Buffer.from('b","stop":true}\n\n'),
    ]);
    await using server = await ProtocolServer.start(llamaCppServer(() => ({ chunks: [bytes] })));
    assert.equal((await backendFor(server.url).complete(requestAfter("x ="))).text, "a\ufffdb");
  });

  it("sends shorter prompts after one that was too long", async () => {
    const tooLong = json({ error: { message: "the request exceeds the available context size" } }, 400);
    await using server = await ProtocolServer.start(llamaCppServer(() => tooLong));
    const backend = backendFor(server.url);
    const long = requestAfter("const value = compute(1);\n".repeat(500), { healing: false });
    const lengths: number[] = [];
    for (let i = 0; i < 3; i++) {
      await assert.rejects(backend.complete(long), ServerError);
      lengths.push(String(promptOf(server.to("/completion")[i])).length);
    }
    assert.ok((lengths[1] ?? 0) < 0.75 * (lengths[0] ?? 0), lengths.join());
    assert.ok((lengths[2] ?? 0) < 0.75 * (lengths[1] ?? 0), lengths.join());
  });

  const linesRequest = { ...requestAfter("return this.si", { healing: false }), lines: ["ze;", "ze();"] };

  it("scores lines, the model's own first", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(llamaCppScores));
    const backend = backendFor(server.url, { timeoutMs: 100_000 });
    const scores = await backend.scoreLines(linesRequest);
    assert.deepEqual(scores, [
      { tokens: [-0.01], ends: [3], end: -0.01 },
      { tokens: [-0.01], ends: [5], end: -0.01 },
    ]);
    const texts = server.to("/tokenize").map(({ body }) => body?.["content"]);
    assert.deepEqual(texts, ["ze();\n", "ze;\n"]);
  });

  it("goes on without scores when the server fails to give them three times in a row", async () => {
    let fails = false;
    await using server = await ProtocolServer.start(
      llamaCppServer((request) => (fails ? json({ error: "no" }, 500) : llamaCppScores(request))),
    );
    const log = new MemoryLog();
    const backend = backendFor(server.url, { timeoutMs: 100_000 }, { log });
    /** Asks for scores. @returns how many there are, and whether the server is asked again */
    const score = async (failing: boolean) => {
      fails = failing;
      const { length } = await backend.scoreLines(linesRequest);
      return [length, capabilitiesOf(backend.state)?.lineScores];
    };
    for (const failing of [true, true, false, true, true]) {
      assert.deepEqual(await score(failing), [failing ? 0 : 2, true]);
    }
    await backend.restart();
    for (const isLast of [false, false, true]) assert.deepEqual(await score(true), [0, !isLast]);
    assert.equal(log.lines.filter((line) => line.includes("Lines are not ranked any more.")).length, 1);
  });

  it("keeps what was sent out of an error that repeats a request for scores", async () => {
    const props = { default_generation_settings: { n_ctx: 1024 }, total_slots: 1, model_path: "/m/unknown.gguf" };
    const prompt = {
      header: "",
      prefix: "const hiddenBefore = hiddenAtTheCursor",
      suffix: "\nhiddenAfterTheCursor();",
    };
    const request = { ...requestAfter("", { prompt }), lines: ["hiddenInTheLine();"] };
    for (const [failing, field] of [
      ["/tokenize", "content"],
      ["/infill", "input_extra"],
    ] as const) {
      await using server = await ProtocolServer.start(({ path, body }) => {
        if (path === "/props") return json(props);
        if (body?.["input_prefix"] === "") return json({});
        if (path === failing) return json({ error: JSON.stringify(body) }, 401);
        return path === "/tokenize" ? json({ tokens: [{ id: 2, piece: "x" }] }) : undefined;
      });
      const backend = backendFor(server.url);
      await backend.otherTexts(["const hiddenElsewhere = 1;"]);
      await assert.rejects(backend.scoreLines(request), ({ message }: Error) => {
        return message.includes(field) && !message.includes("hidden");
      });
    }
  });

  it("recognizes the other kinds, and what is none of them", async () => {
    await using openAi = await ProtocolServer.start(({ path, body }) => {
      if (path === "/v1/models") return json({ data: [{ id: "m", owned_by: "vllm", max_model_len: 4096 }] });
      if (path !== "/v1/completions") return undefined;
      const text = body?.["echo"] === true ? "return 1" : " 1";
      return json({ choices: [{ text, logprobs: { token_logprobs: [null, -1], tokens: ["return", " 1"] } }] });
    });
    const described = await backendFor(openAi.url).describe();
    assert.equal(described.name, `m (${openAi.host})`);
    assert.equal(described.capabilities.lineScores, true);
    assert.equal(described.capabilities.fillInTheMiddle, false);
    await using ollama = await ProtocolServer.start(({ path }) => {
      if (path === "/api/version") return json({ version: "0.11.0" });
      if (path === "/api/tags") return json({ models: [{ name: "qwen2.5-coder:7b" }] });
      return path === "/api/show" || path === "/api/generate" ? json({}) : undefined;
    });
    const { name, capabilities } = await backendFor(ollama.url).describe();
    assert.equal(name, `qwen2.5-coder:7b (${ollama.host})`);
    assert.equal(capabilities.lineScores, false);
    assert.equal(capabilities.fillInTheMiddle, true);
    await using none = await ProtocolServer.start(() => undefined);
    const backend = backendFor(none.url);
    await assert.rejects(backend.describe(), /not a server of a known kind/);
    assert.equal(backend.state.kind, "failed");
    await backend.restart();
    assert.equal(backend.state.kind, "idle");
  });
});
