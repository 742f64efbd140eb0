import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Completer } from "../../../../src/completion/core/completer";
import { readSettings } from "../../../../src/completion/core/settings";
import { readyWith } from "../../../fixtures/backend";
import { ManualBackend } from "./manualBackend";
import { cursorIn } from "./support";

const settings = readSettings({ get: (_key, fallback) => fallback });

describe("Completer", () => {
  let backend: ManualBackend;
  let failures: unknown[];
  let completer: Completer;

  const create = (partialAfterMs: number) =>
    new Completer({ backend, onFailure: (error) => void failures.push(error), partialAfterMs });

  /** Asks for a completion and lets the request reach the backend. */
  async function ask(document: string, signal = new AbortController().signal, custom = settings) {
    const answer = completer.complete(cursorIn(document), custom, signal).then((suggestion) => suggestion?.text);
    await sleep(0);
    return { answer };
  }

  beforeEach(() => {
    backend = new ManualBackend();
    failures = [];
    completer = create(60_000);
  });
  afterEach(() => completer[Symbol.dispose]());

  it("asks the backend with prompt, stop rule and settings", async () => {
    const { answer } = await ask("f(|)\nb();", undefined, { ...settings, maxTokens: 7, temperature: 0.5 });
    const { prompt, stop, maxTokens, sampling, healing } = backend.last.request;
    assert.deepEqual(prompt, { header: "// src/a.ts\n", prefix: "f(", suffix: "\nb();" });
    assert.deepEqual([stop, maxTokens, sampling.temperature, healing], ["line", 7, 0.5, true]);
    backend.last.finish("a, b);");
    assert.equal(await answer, "a, b);");
  });

  it("offers the likeliest text first, then sampled ones, each once", async () => {
    const answer = completer.alternatives(cursorIn("f(|)"), settings, new AbortController().signal);
    await sleep(0);
    backend.last.finish("a);");
    await sleep(0);
    const [{ prompt, stop, samplings }] = backend.asked as [(typeof backend.asked)[0]];
    assert.deepEqual([prompt, stop], [backend.last.request.prompt, backend.last.request.stop]);
    assert.ok(samplings.every(({ temperature }) => temperature > 0));
    assert.equal(new Set(samplings.map(({ seed }) => seed)).size, samplings.length);
    backend.answerAlternatives(["b);", "a);", "", "b);", "c, d);"]);
    assert.deepEqual(
      (await answer).map(({ text }) => text),
      ["a);", "b);", "c, d);"],
    );
    assert.equal(failures.length, 0);
  });

  it("offers the likeliest text alone when sampling fails, and none when the request is aborted", async () => {
    const answer = completer.alternatives(cursorIn("f(|)"), settings, new AbortController().signal);
    await sleep(0);
    backend.last.finish("a);");
    await sleep(0);
    backend.answerAlternatives(new Error("broken"));
    assert.deepEqual(
      (await answer).map(({ text }) => text),
      ["a);"],
    );
    assert.equal(failures.length, 1);
    const keystroke = new AbortController();
    const abandoned = completer.alternatives(cursorIn("g(|)"), settings, keystroke.signal);
    await sleep(0);
    keystroke.abort();
    assert.deepEqual(await abandoned, []);
    assert.equal(backend.asked.length, 1);
  });

  it("answers from memory along a text, after a deleted letter, and at an empty answer", async () => {
    const { answer } = await ask("a|");
    backend.last.finish("bcd");
    await answer;
    assert.equal(await (await ask("ab|")).answer, "cd");
    assert.equal(await (await ask("a|")).answer, "bcd");
    const other = await ask("ax|");
    backend.last.finish("");
    assert.equal(await other.answer, undefined);
    assert.equal(await (await ask("ax|")).answer, undefined);
    assert.equal(backend.requests.length, 2);
  });

  it("keeps a running request that agrees with what is typed", async () => {
    const keystroke = new AbortController();
    const first = await ask("a|", keystroke.signal);
    keystroke.abort();
    assert.equal(await first.answer, undefined);
    const second = await ask("ab|");
    backend.last.grow("bc");
    backend.last.finish("bcd");
    assert.equal(await second.answer, "cd");
    assert.equal(backend.requests.length, 1);
    assert.equal(backend.last.signal.aborted, false);
  });

  it("starts a new request when a running one turns out to disagree", async () => {
    await ask("a|");
    const second = await ask("ab|");
    assert.equal(backend.requests.length, 1);
    backend.last.grow("x");
    await sleep(0);
    assert.equal(backend.requests.length, 2);
    assert.equal(backend.requests[0]?.signal.aborted, true);
    assert.equal(backend.last.request.prompt.prefix, "ab");
    backend.last.finish("c");
    assert.equal(await second.answer, "c");
  });

  it("stops a request that disagrees already, and drops its text", async () => {
    const first = await ask("a|");
    backend.last.grow("x");
    const second = await ask("ab|");
    assert.equal(backend.requests[0]?.signal.aborted, true);
    backend.last.finish("c");
    assert.deepEqual([await first.answer, await second.answer], [undefined, "c"]);
    await ask("a|");
    assert.equal(backend.requests.length, 3);
  });

  it("waits before it asks, but not before it answers from memory", async () => {
    const patient = { ...settings, delay: 60_000 };
    const keystroke = new AbortController();
    const waiting = await ask("a|", keystroke.signal, patient);
    assert.equal(backend.requests.length, 0);
    keystroke.abort();
    assert.equal(await waiting.answer, undefined);
    const first = await ask("a|");
    backend.last.finish("b");
    await first.answer;
    assert.equal(await (await ask("a|", undefined, patient)).answer, "b");
    assert.equal(backend.requests.length, 1);
  });

  it("shows the complete lines of a slow text, and the rest when it is there", async () => {
    completer = create(0);
    const { answer } = await ask("{\n  |");
    assert.equal(backend.last.request.stop, "block");
    backend.last.grow("a();");
    await sleep(2);
    backend.last.grow("a();\n  b(");
    assert.equal(await answer, "a();");
    const along = await ask("{\n  a();|");
    backend.last.finish("a();\n  b();\n}");
    assert.equal(await along.answer, "\n  b();\n}");
    assert.equal(backend.requests.length, 1);
  });

  it("reports a failure once and continues", async () => {
    const first = await ask("a|");
    const second = await ask("a|");
    backend.last.fail(new Error("broken"));
    assert.deepEqual([await first.answer, await second.answer], [undefined, undefined]);
    assert.equal(failures.length, 1);
    const next = await ask("a|");
    backend.last.finish("b");
    assert.equal(await next.answer, "b");
  });

  it("asks for no alternatives that the backend does not offer", async () => {
    backend.state = readyWith({ alternatives: false, lineScores: false });
    const asked = completer.alternatives(cursorIn("f(|"), settings, new AbortController().signal);
    await sleep(0);
    backend.last.finish("a);");
    assert.deepEqual(
      (await asked).map(({ text }) => text),
      ["a);"],
    );
    assert.equal(backend.asked.length, 0);
  });

  it("suggests what the model wrote when the backend gives no scores", async () => {
    backend.state = readyWith();
    const { answer } = await ask("f(|)");
    backend.last.finish("a);");
    assert.equal(await answer, "a);");
    assert.equal(backend.scored.length, 1);
    assert.deepEqual(failures, []);
  });

  it("goes on to suggest what is left of a text down to its last brackets, also without ranking", async () => {
    backend.state = readyWith({ lineScores: false });
    const { answer } = await ask("i|");
    backend.last.finish("mport {");
    assert.equal(await answer, "mport {");
    for (const [document, left] of [
      ["imp|", "ort {"],
      ["import|", " {"],
    ] as const) {
      assert.equal(await (await ask(document)).answer, left);
    }
  });

  it("suggests what the model wrote when scoring fails, and reports it", async () => {
    backend.state = readyWith();
    backend.scores = () => {
      throw new Error("broken");
    };
    const { answer } = await ask("f(|)");
    backend.last.finish("a);");
    assert.equal(await answer, "a);");
    assert.equal(String(failures), "Error: broken");
  });

  it("suggests nothing when it is stopped while lines are scored", async () => {
    backend.state = readyWith();
    const stop = new AbortController();
    backend.scores = () => {
      stop.abort();
      return [];
    };
    const { answer } = await ask("f(|)", stop.signal);
    backend.last.finish("a);");
    assert.equal(await answer, undefined);
    assert.equal(backend.scored.length, 1);
  });

  it("sends the text after the cursor whatever the model can read", async () => {
    backend.state = readyWith({ fillInTheMiddle: false });
    await ask("f(|);\nb();");
    assert.equal(backend.last.request.prompt.suffix, "\nb();");
  });

  it("reports a backend that cannot start", async () => {
    backend.state = { kind: "idle" };
    backend.describe = () => Promise.reject(new Error("no model"));
    assert.equal(await (await ask("a|")).answer, undefined);
    assert.equal(String(failures), "Error: no model");
    assert.equal(backend.requests.length, 0);
  });

  it("clears everything when the model changes or it is disposed", async () => {
    const first = await ask("a|");
    backend.last.finish("b");
    await first.answer;
    completer.reset();
    await ask("a|");
    assert.equal(backend.requests.length, 2);
    completer[Symbol.dispose]();
    assert.equal(backend.last.signal.aborted, true);
  });

  it("looks again for what is waited for when the model changes", async () => {
    const { answer } = await ask("a|");
    completer.restart();
    await sleep(0);
    assert.equal(backend.requests.length, 2);
    assert.equal(backend.requests[0]?.signal.aborted, true);
    backend.last.finish("b");
    assert.equal(await answer, "b");
  });

  it("gives up when the model changes all the time, and when it is disposed", async () => {
    const { answer } = await ask("a|");
    for (let changes = 0; changes < 5; changes++) {
      completer.restart();
      await sleep(0);
    }
    assert.equal(await answer, undefined);
    assert.equal(backend.requests.length, 3);
    const last = await ask("a|");
    completer[Symbol.dispose]();
    assert.equal(await last.answer, undefined);
    assert.equal(backend.requests.length, 4);
  });
});
