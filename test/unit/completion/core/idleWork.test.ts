import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Completer } from "../../../../src/completion/core/completer";
import { accept } from "../../../../src/completion/core/idleWork";
import { readSettings } from "../../../../src/completion/core/settings";
import { readyWith } from "../../../fixtures/backend";
import { ManualBackend } from "./manualBackend";
import { cursorIn } from "./support";

const settings = readSettings({ get: (_key, fallback) => fallback });

describe("idle work", () => {
  let backend: ManualBackend;
  let failures: unknown[];
  let completer: Completer;

  async function ask(document: string, custom = settings) {
    const answer = completer.complete(cursorIn(document), custom, new AbortController().signal);
    await sleep(0);
    return { answer: answer.then((suggestion) => suggestion?.text) };
  }

  /** Has the model write `text` at the cursor of `document`. */
  async function suggest(document: string, text: string, custom = settings) {
    const { answer } = await ask(document, custom);
    backend.last.finish(text);
    assert.equal(await answer, text);
    await sleep(0);
  }

  beforeEach(() => {
    backend = new ManualBackend();
    failures = [];
    completer = new Completer({ backend, onFailure: (error) => void failures.push(error), partialAfterMs: 0 });
  });
  afterEach(() => completer[Symbol.dispose]());

  it("has what follows an accepted suggestion ready", async () => {
    await suggest("a|\nz();", " = b();");
    assert.equal(backend.ahead.length, 1);
    assert.deepEqual(backend.ahead[0]?.request.prompt, {
      header: "// src/a.ts\n",
      prefix: "a = b();",
      suffix: "\nz();",
    });
    backend.ahead[0].finish("\nc();");
    await sleep(0);
    assert.equal(await (await ask("a = b();|\nz();")).answer, "\nc();");
    assert.equal(backend.requests.length, 1);
    assert.equal(backend.ahead.length, 2);
  });

  it("continues while the suggestion is typed, and stops when something else is typed", async () => {
    await suggest("a|", " = b();");
    assert.equal(await (await ask("a =|")).answer, " b();");
    assert.equal(await (await ask("a = |")).answer, "b();");
    assert.equal(backend.ahead.length, 1);
    assert.equal(backend.ahead[0]?.signal.aborted, false);
    await ask("a = x|");
    assert.equal(backend.ahead[0].signal.aborted, true);
  });

  it("does not keep the result of stopped work", async () => {
    await suggest("a|", " = b();");
    completer.reset();
    backend.ahead[0]?.finish("\nc();");
    await sleep(0);
    await ask("a = b();|");
    assert.equal(backend.requests.length, 2);
  });

  it("does not request what is known already or running", async () => {
    const { answer } = await ask("{\n  |");
    backend.last.grow("a();\n  b(");
    assert.equal(await answer, "a();");
    await sleep(0);
    assert.equal(backend.ahead.length, 0, "the running request writes what follows");
    backend.last.finish("a();\n  b();\n  c();");
    await sleep(0);
    assert.equal(await (await ask("{\n  a();|")).answer, "\n  b();\n  c();");
  });

  it("prefills the next window at each answered cursor", async () => {
    await suggest("a|", " = b();");
    await (
      await ask("a =|")
    ).answer;
    await sleep(0);
    assert.deepEqual(
      backend.read.map(({ prefix }) => prefix),
      ["a", "a ="],
    );
  });

  it("does nothing when it is off", async () => {
    const off = readSettings({ get: (key, fallback) => (key === "idleWork" ? (false as typeof fallback) : fallback) });
    await suggest("a|", " = b();", off);
    assert.deepEqual([backend.ahead.length, backend.read.length], [0, 0]);
  });

  it("does nothing where the backend has no idle priority", async () => {
    backend.state = readyWith({ readAhead: false, lineScores: false });
    await suggest("a|", " = b();");
    assert.deepEqual([backend.ahead.length, backend.read.length], [0, 0]);
  });

  it("reports a failure and continues", async () => {
    await suggest("a|", " = b();");
    backend.ahead[0]?.fail(new Error("broken"));
    await sleep(0);
    assert.equal(String(failures), "Error: broken");
    await suggest("x|", "yz");
  });

  it("computes the cursor after an accepted suggestion", () => {
    const { before, after, linePrefix, lineRest } = accept(cursorIn("if (a) {|})\nb"), {
      text: "\n  c();\n})",
      replaces: 2,
      closers: "",
    });
    assert.deepEqual([before, after, linePrefix, lineRest], ["if (a) {\n  c();\n})", "\nb", "})", ""]);
    const opened = accept(cursorIn("|;"), { text: "f(", replaces: 0, closers: ")" });
    assert.deepEqual([opened.before, opened.after], ["f(", ");"]);
  });
});
