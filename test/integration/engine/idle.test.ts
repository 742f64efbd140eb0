import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalBackend } from "../../../src/backend/localBackend";
import { Completer } from "../../../src/completion/core/completer";
import { cursorBetween } from "../../../src/completion/core/cursor";
import { readSettings } from "../../../src/completion/core/settings";
import { EngineClient } from "../../../src/engine/client";
import { spawnEngine } from "../../../src/engine/host/node";
import type { WorkerLink } from "../../../src/engine/workerLink";
import { SLOW_MACHINE } from "../../harness/slowMachine";

/** Milliseconds in which nothing is to happen. */
const watchedMs = 1000;

/** Names of what goes over a link. */
function watched(link: WorkerLink, messages: string[]): WorkerLink {
  return {
    post: (message, transfer) => {
      messages.push(`to ${"method" in message ? message.method : "cancel"}`);
      link.post(message, transfer);
    },
    onMessage: (listener) =>
      link.onMessage((message) => {
        messages.push("from the worker");
        listener(message);
      }),
    onDeath: (listener) => link.onDeath(listener),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

describe("an engine whose work is done", () => {
  const messages: string[] = [];
  const failures: unknown[] = [];
  const client = new EngineClient({
    spawn: async () =>
      watched(await spawnEngine({ folder: path.resolve("dist"), read: () => Promise.reject(new Error()) }), messages),
    model: () =>
      Promise.resolve({
        ...{ location: { kind: "path" as const, path: "models/gpt2-code-mini" }, deviceMap: "auto" },
        ...{ precision: "int8" as const, threads: 2, cacheFolder: undefined },
      }),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  after(() => client[Symbol.asyncDispose]());

  /** Waits until a second has passed without a message. @returns whether one has */
  async function isQuiet(): Promise<boolean> {
    for (let second = 0; second < 20 * SLOW_MACHINE; second++) {
      const before = messages.length;
      await sleep(watchedMs);
      if (messages.length === before) return true;
    }
    return false;
  }

  it("does nothing more after a suggestion and what is prepared for the next one", async () => {
    const backend = new LocalBackend(client);
    using completer = new Completer({ backend, onFailure: (error) => void failures.push(error) });
    await client.describe();
    const before =
      "class Cart:\n    def __init__(self):\n        self.items = []\n\n    def total(self):\n        return ";
    const cursor = cursorBetween(before, "\n", {
      ...{ document: "file:///cart.py", path: "cart.py", languageId: "python" },
      indentation: { insertSpaces: true, tabSize: 4 },
    });
    const settings = readSettings({ get: (_key, fallback) => fallback });
    assert.ok(await completer.complete(cursor, settings, new AbortController().signal));
    assert.ok(await isQuiet(), messages.join(", "));
    assert.ok(messages.includes("to completeAhead") && messages.includes("to readAhead"), messages.join(", "));
    const computed = (await client.stats())?.computedTokens;
    assert.ok(computed !== undefined && computed > 0);
    const count = messages.length;
    await sleep(watchedMs);
    assert.deepEqual(messages.slice(count), []);
    assert.equal((await client.stats())?.computedTokens, computed);
    assert.deepEqual(failures, []);
  });
});
