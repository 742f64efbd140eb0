import assert from "node:assert/strict";
import { scoreOfTail } from "../../../../src/backend/server/protocols/echoScores";
import { matching, scoreOf } from "../../../../src/backend/server/protocols/forcedScores";
import { grammarBeginningWith } from "../../../../src/backend/server/protocols/grammar";
import type { ServerKind } from "../../../../src/backend/server/settings";
import { backendFor, requestAfter } from "../../../fixtures/servers/backend";
import { playback, readRecording } from "../../../fixtures/servers/exchanges";
import { askEverything } from "../../../fixtures/servers/scenario";
import { type Handler, json, pieces, ProtocolServer } from "../../../fixtures/protocolServer";

describe("recorded servers", () => {
  const recorded: readonly (readonly [name: string, kind: ServerKind])[] = [
    ["llamaCpp", "llama.cpp"],
    ["openAi", "openai"],
  ];
  for (const [name, kind] of recorded) {
    for (const length of [17, 251, 100_000]) {
      it(`${name} in pieces of ${length} bytes are asked the same and understood the same`, async () => {
        const recording = readRecording(name);
        await using server = await ProtocolServer.start(playback(recording, length));
        const results = await askEverything(backendFor(server.url, { kind, timeoutMs: 100_000 }));
        assert.deepEqual(JSON.parse(JSON.stringify(results)), recording.results);
      });
    }
  }
});

/** vLLM, as its documentation describes its answers. */
const vllm: Handler = ({ path, body }) => {
  if (path === "/v1/models") {
    return json({ object: "list", data: [{ id: "Qwen/Qwen2.5-Coder-7B", owned_by: "vllm", max_model_len: 8192 }] });
  }
  if (path !== "/v1/completions") return undefined;
  if (body?.["stream"] === true) {
    const chunk = (text: string, finish: string | null) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, text, logprobs: null, finish_reason: finish }] })}\n\n`;
    const details = { cached_tokens: 64 };
    const usage = { prompt_tokens: 80, completion_tokens: 3, prompt_tokens_details: details };
    const text = `${chunk(" 4", null)}${chunk("2", null)}${chunk(";", "stop")}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
    return { headers: { "content-type": "text/event-stream" }, chunks: pieces(text, 5) };
  }
  const prompts = [body?.["prompt"]].flat().map(String);
  if (body?.["echo"] !== true) {
    const top = [{ " 42": -0.5, " 4": -1.5 }];
    return json({
      choices: [{ index: 0, text: " 42", logprobs: { tokens: [" 42"], token_logprobs: [-0.5], top_logprobs: top } }],
    });
  }
  const choices = prompts.map((prompt, index) => {
    const tokens = [...(prompt.match(/\w+|\s|[^\w\s]/g) ?? []), "next"];
    return {
      index,
      text: tokens.join(""),
      logprobs: { tokens, token_logprobs: tokens.map((_, i) => (i === 0 ? null : -i / 10)) },
    };
  });
  // The choices of several prompts come in any order.
  return json({ choices: choices.toReversed() });
};

describe("vLLM", () => {
  it("streams, and reports its cache", async () => {
    await using server = await ProtocolServer.start(vllm);
    const backend = backendFor(server.url);
    const { capabilities } = await backend.describe();
    assert.deepEqual([capabilities.fillInTheMiddle, capabilities.lineScores], [true, true]);
    const prompt = { header: "", prefix: "const a = ", suffix: "\nexport { a };\n" };
    const { text, finish, timings } = await backend.complete(requestAfter("", { prompt }));
    assert.deepEqual([text, finish], ["42;", "endOfText"]);
    assert.deepEqual(
      [timings.promptTokens, timings.cachedTokens, timings.newTokens, timings.networkMs],
      [80, 64, 3, undefined],
    );
    const body = server.to("/v1/completions").at(-1)?.body;
    assert.equal(body?.["prompt"], "<|fim_prefix|>const a =<|fim_suffix|>\nexport { a };\n<|fim_middle|>");
    assert.equal(body["model"], "Qwen/Qwen2.5-Coder-7B");
  });

  it("scores lines as the ends of prompts, in one request", async () => {
    await using server = await ProtocolServer.start(vllm);
    const backend = backendFor(server.url);
    await backend.describe();
    const before = server.received.length;
    const scores = await backend.scoreLines({ ...requestAfter("// a.ts\nreturn "), lines: ["1;", "one();"] });
    assert.equal(server.received.length, before + 1);
    assert.deepEqual(
      scores.map(({ tokens }) => tokens.length),
      [3, 5],
    );
    for (const { tokens, end } of scores) {
      assert.ok(tokens.every((token, i) => i === 0 || Math.abs(token - (tokens[i - 1] ?? 0) + 0.1) < 1e-9));
      assert.ok(Math.abs(end - (tokens.at(-1) ?? 0) + 0.1) < 1e-9);
    }
  });

  it("lists the likeliest tokens", async () => {
    await using server = await ProtocolServer.start(vllm);
    const { candidates } = await backendFor(server.url).nextTokens({ ...requestAfter("a ="), count: 10 });
    assert.deepEqual(
      candidates.map(({ text, rank }) => [text, rank]),
      [
        [" 42", 1],
        [" 4", 2],
      ],
    );
  });
});

/** Ollama, as its documentation describes its answers. */
function ollamaWith(capabilities: readonly string[]): Handler {
  return ({ path, body }) => {
    if (path === "/api/version") return json({ version: "0.13.0" });
    if (path === "/api/tags") return json({ models: [{ name: "some-model:latest" }] });
    if (path === "/api/show") return json({ capabilities, model_info: { "llama.context_length": 2048 } });
    if (path !== "/api/generate") return undefined;
    if (body?.["prompt"] === undefined) return json({ done: true, done_reason: "load" });
    if (body["stream"] === false) {
      const top = [
        { token: " 42", logprob: -0.5 },
        { token: " 4", logprob: -1.5 },
      ];
      return json({ response: " 42", done: true, logprobs: [{ token: " 42", logprob: -0.5, top_logprobs: top }] });
    }
    const lines = [
      ...[" 4", "2", "é😀"].map((response) => ({ model: "m", response, done: false })),
      {
        response: "",
        done: true,
        done_reason: "length",
        prompt_eval_count: 26,
        prompt_eval_duration: 3e6,
        eval_count: 4,
        eval_duration: 9e6,
      },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    return { headers: { "content-type": "application/x-ndjson" }, chunks: pieces(text, 4) };
  };
}

describe("Ollama", () => {
  it("streams JSON lines, and reports its times", async () => {
    await using server = await ProtocolServer.start(ollamaWith(["completion"]));
    const backend = backendFor(server.url);
    const { name, capabilities } = await backend.describe();
    assert.equal(name, `some-model:latest (${server.host})`);
    assert.deepEqual(
      [capabilities.fillInTheMiddle, capabilities.lineScores, capabilities.inspection],
      [false, false, "candidates"],
    );
    const { text, finish, timings } = await backend.complete(requestAfter("a = "));
    assert.deepEqual([text, finish], ["42é😀", "length"]);
    assert.deepEqual([timings.promptTokens, timings.newTokens, timings.prefillMs, timings.decodeMs], [26, 4, 3, 9]);
    assert.equal(server.received.at(-1)?.body?.["raw"], true);
  });

  it("is given the suffix as such where the model's own template takes it", async () => {
    await using server = await ProtocolServer.start(ollamaWith(["completion", "insert"]));
    const backend = backendFor(server.url);
    const prompt = { header: "", prefix: "a =", suffix: "\nb" };
    await backend.complete(requestAfter("", { prompt }));
    const body = server.received.at(-1)?.body;
    assert.deepEqual([body?.["prompt"], body?.["suffix"], body?.["raw"]], ["a =", "\nb", undefined]);
  });

  it("lists the likeliest tokens, and scores no lines", async () => {
    await using server = await ProtocolServer.start(ollamaWith(["completion"]));
    const backend = backendFor(server.url);
    const { candidates } = await backend.nextTokens({ ...requestAfter("a ="), count: 10, search: "42" });
    assert.deepEqual(
      candidates.map(({ text, rank }) => [text, rank]),
      [[" 42", 1]],
    );
    assert.deepEqual(await backend.scoreLines({ ...requestAfter("a ="), lines: ["1"] }), []);
  });

  it("says that it has no model", async () => {
    await using server = await ProtocolServer.start(({ path }) =>
      path === "/api/version" ? json({ version: "0.13.0" }) : json({ models: [] }),
    );
    await assert.rejects(backendFor(server.url).describe(), /has no model/);
  });
});

describe("settings that are not set", () => {
  const servers: readonly (readonly [kind: ServerKind, handler: () => Handler])[] = [
    ["openai", () => vllm],
    ["llama.cpp", () => playback(readRecording("llamaCpp"), 1000)],
    ["ollama", () => ollamaWith(["completion"])],
  ];
  for (const [kind, handler] of servers) {
    it(`are sent to ${kind} as nothing`, async () => {
      await using server = await ProtocolServer.start(handler());
      await askEverything(backendFor(server.url, { timeoutMs: 100_000 }));
      assert.ok(server.received.length >= 3);
      for (const { path, headers, body } of server.received) {
        assert.doesNotMatch(JSON.stringify({ path, headers, body }), /undefined|null|NaN|\[object/);
        assert.equal(headers["authorization"], undefined);
        assert.notEqual(body?.["model"], "");
      }
    });
  }
});

describe("scores of lines", () => {
  const echoed = (...tokens: readonly (readonly [string, number])[]) =>
    tokens.map(([text, logProbability]) => ({ text, logProbability }));

  it("are those of the prompt's last tokens, with a first one that may begin earlier", () => {
    const tokens = echoed(["return", -9], [" one", -1], [";", -2], ["\n", -3], ["x", -8]);
    assert.deepEqual(scoreOfTail(tokens, " one;\n"), { tokens: [-1, -2], ends: [4, 5], end: -3 });
    assert.deepEqual(scoreOfTail(tokens, "ne;\n"), { tokens: [-1, -2], ends: [2, 3], end: -3 });
    assert.deepEqual(scoreOfTail(tokens, "ne;\n", 1).ends, [1, 2]);
  });

  it("have no end of their own where the line break is part of another token", () => {
    const score = scoreOfTail(echoed(["a", -1], [";\n", -2], ["x", -8]), "a;\n");
    assert.deepEqual(score, { tokens: [-1, -2], ends: [1, 3], end: 0 });
  });

  it("do not need the generated token, and are none when the texts do not fit", () => {
    assert.deepEqual(scoreOfTail(echoed(["a", -1], ["\n", -2]), "a\n"), { tokens: [-1], ends: [1], end: -2 });
    assert.deepEqual(scoreOfTail(echoed(["b", -1], ["\n", -2], ["x", -3]), "a\n").tokens, []);
  });

  const answer = (id: number, logprob: number, others: readonly (readonly [number, string, number])[] = []) => ({
    ...{ id, logprob },
    top_logprobs: others.map(([other, token, value]) => ({ id: other, token, logprob: value })),
  });

  it("are taken from a forced answer as far as it stays on the line", () => {
    const line = [{ id: 1 }, { id: 2 }, { id: 3 }];
    assert.deepEqual(
      matching([answer(1, -1), answer(9, -2, [[2, "b", -4]]), answer(3, -3)], line).map(({ id, logProbability }) => [
        id,
        logProbability,
      ]),
      [
        [1, -1],
        [2, -4],
      ],
    );
    assert.deepEqual(matching([answer(9, -2)], line), []);
  });

  it("are given what was typed, and count all ends of a line", () => {
    const first = { id: 1, logProbability: Math.log(0.2), alternatives: [] };
    const half = [
      { token: 1, text: "foo", logProbability: Math.log(0.2) },
      { token: 2, text: "f", logProbability: Math.log(0.2) },
      { token: 3, text: "bar", logProbability: Math.log(0.5) },
    ];
    const ends = [
      { token: 4, text: "\n", logProbability: Math.log(0.1) },
      { token: 5, text: "\n\n", logProbability: Math.log(0.3) },
    ];
    const end = { id: 4, logProbability: Math.log(0.1), alternatives: ends };
    const score = scoreOf([{ ...first, alternatives: half }, end], "fo");
    assert.ok(Math.abs(Math.exp(score.tokens[0] ?? 0) - 0.5) < 1e-9);
    assert.ok(Math.abs(Math.exp(score.end) - 0.4) < 1e-9);
    assert.deepEqual(scoreOf([], "fo").tokens, []);
  });

  it("escape what is typed in a grammar", () => {
    assert.equal(grammarBeginningWith('a"\\\n\tb'), 'root ::= "a\\"\\\\\\n\\tb" [^\\x00]*');
  });
});
