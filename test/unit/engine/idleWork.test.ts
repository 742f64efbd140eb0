import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalBackend } from "../../../src/backend/localBackend";
import { Completer } from "../../../src/completion/core/completer";
import type { Cursor } from "../../../src/completion/core/cursor";
import { accept } from "../../../src/completion/core/idleWork";
import { readSettings } from "../../../src/completion/core/settings";
import type { EngineClient } from "../../../src/engine/client";
import { PromptEncoder } from "../../../src/generation/prompt/layout";
import type { CompletionRequest } from "../../../src/generation/request";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { cursorIn } from "../completion/core/support";
import { bundledModel, engineInThread } from "../../fixtures/engine";

const code = readFileSync(path.resolve("test/fixtures/typing/completer.ts.txt"), "utf8").repeat(2);

const request = (prefix: string, more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  prompt: { header: "// a.ts\n", prefix, suffix: "" },
  stop: "line",
  maxTokens: 1,
  sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
  healing: true,
  ...more,
});

describe("the engine's idle work", function () {
  let engine: EngineClient;
  beforeEach(() => (engine = engineInThread(bundledModel())));
  afterEach(() => engine[Symbol.asyncDispose]());

  it("has the next window ready when a key moves it", async () => {
    const { config } = await engine.describe();
    const encoder = new PromptEncoder(tokenizerFor(config));
    const tokensAt = (length: number) =>
      encoder.encode(request(code.slice(0, length)).prompt, config.contextLength, 1).tokens.length;
    let move = 2000;
    while (tokensAt(move) >= tokensAt(move - 1) - 50) move++;

    let ahead = 0;
    for (let length = move - 15; ; length += 5) {
      const key = request(code.slice(0, length));
      const { promptTokens, cachedTokens } = (await engine.complete(key)).timings;
      if (length >= move) {
        assert.ok(promptTokens - cachedTokens <= 5, `${promptTokens - cachedTokens} tokens at the key`);
        break;
      }
      ahead += await engine.readAhead(key);
    }
    assert.ok(ahead > 400, `${ahead} tokens ahead`);
  });

  it("reads no second window where memory holds only one", async () => {
    await using small = engineInThread(bundledModel({ cacheBudgetBytes: 1 }));
    for (let length = 2_700; length < 3_100; length += 100) {
      assert.equal(await small.readAhead(request(code.slice(0, length))), 0);
    }
    assert.equal((await small.stats())?.slots.length, 0);
  });

  it("yields to a keystroke, resumes after it, and stops when cancelled", async () => {
    const order: string[] = [];
    const [ahead] = await Promise.all([
      engine.completeAhead(request(code.slice(0, 700), { stop: "none", maxTokens: 20 })).then((result) => {
        order.push("ahead");
        return result;
      }),
      engine.complete(request(code.slice(0, 650))).then(() => order.push("key")),
    ]);
    assert.deepEqual(order, ["key", "ahead"]);
    assert.notEqual(ahead.finish, "cancelled");
    const controller = new AbortController();
    const stopped = engine.completeAhead(request(code.slice(0, 700), { stop: "none", maxTokens: 400 }), controller);
    setTimeout(() => controller.abort(), 5);
    assert.equal((await stopped).finish, "cancelled");
  });

  it("has the next suggestion in memory when one is accepted", async () => {
    using completer = new Completer({
      backend: new LocalBackend(engine),
      onFailure: (error) => assert.fail(String(error)),
    });
    const settings = readSettings({ get: (_key, fallback) => fallback });
    const ask = (cursor: Cursor) => completer.complete(cursor, settings, new AbortController().signal);
    const requests = async () => (await engine.stats())?.recent.length;
    const opened = `export class Stack<T> {
  readonly #items: T[] = [];

  push(item: T): void {
    this.#items.|`;
    let cursor = cursorIn(opened);
    let accepted = 0;
    for (; accepted < 3; accepted++) {
      const suggestion = await ask(cursor);
      assert.equal(await requests(), 1);
      if (!suggestion) break;
      // The idle work is requested at once; this call runs after it, as it has the same priority.
      await sleep(20);
      await engine.readAhead(request(""));
      await sleep(20);
      cursor = accept(cursor, suggestion);
    }
    assert.ok(accepted > 0, "The model suggested nothing.");
  });

  it("is not counted among the requests", async () => {
    let finished = 0;
    engine.onDidFinish(() => finished++);
    await engine.completeAhead(request("const a = "));
    await engine.readAhead(request("const a = "));
    assert.equal((await engine.stats())?.recent.length, 0);
    await engine.complete(request("const a = "));
    assert.equal((await engine.stats())?.recent.length, 1);
    assert.equal(finished, 1);
  });
});
