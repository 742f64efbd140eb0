import assert from "node:assert/strict";
import { MemoryFiles } from "../../../src/formats/memory";
import { BackendUnavailableError } from "../../../src/gpt2/errors";
import { EnginePage } from "../../../src/webviewEngine/enginePage";
import { enginePageHtml } from "../../../src/webviewEngine/html";
import type { ToPage } from "../../../src/webviewEngine/protocol";

/** The extension host's side, and what it sends to the page. */
function create(startLimitMs?: number) {
  const sent: ToPage[] = [];
  const files = new MemoryFiles("tiny", new Map([["config.json", new Uint8Array([123, 125])]]));
  const page = new EnginePage({
    post: (message) => sent.push(message),
    openPath: () => Promise.resolve(files),
    ...(startLimitMs !== undefined && { startLimitMs }),
  });
  /** Loads the page and starts a worker in it, with the number of its session. */
  const startSession = async (session: number) => {
    const starting = page.start();
    page.receive({ kind: "loaded" });
    await new Promise(setImmediate);
    page.receive({ kind: "started", session });
    const link = await starting;
    const deaths: string[] = [];
    link.onDeath((reason) => deaths.push(reason));
    return { link, deaths };
  };
  return { page, sent, startSession };
}

describe("the page that hosts the engine", () => {
  it("starts a worker once it has loaded, and passes messages on", async () => {
    const { sent, page, startSession } = create();
    const { link } = await startSession(1);
    assert.deepEqual(sent, [{ kind: "start", session: 1 }]);
    const received: unknown[] = [];
    link.onMessage((message) => received.push(message));
    link.post({ kind: "cancel", id: 4 });
    assert.deepEqual(sent.at(-1), { kind: "toWorker", session: 1, message: { kind: "cancel", id: 4 } });
    page.receive({ kind: "fromWorker", session: 1, message: { kind: "warning", message: "hm" } });
    page.receive({ kind: "fromWorker", session: 0, message: { kind: "warning", message: "of an older one" } });
    assert.deepEqual(received, [{ kind: "warning", message: "hm" }]);
  });

  it("gets the files of a model", async () => {
    const { sent, page, startSession } = create();
    await startSession(1);
    page.receive({ kind: "file", session: 1, request: { id: 7, request: { kind: "model", path: "tiny" } } });
    await new Promise(setImmediate);
    const value = { name: "tiny", names: ["config.json"] };
    assert.deepEqual(sent.at(-1), { kind: "file", session: 1, answer: { id: 7, value } });
  });

  it("ends its worker on request, and starts another in the same page", async () => {
    const { sent, page, startSession } = create();
    const { link, deaths } = await startSession(1);
    await link[Symbol.asyncDispose]();
    assert.deepEqual(sent.at(-1), { kind: "stop", session: 1 });
    const again = page.start();
    await new Promise(setImmediate);
    page.receive({ kind: "started", session: 2 });
    await again;
    assert.deepEqual(deaths, []);
  });

  it("does not let a start wait that is stopped before the page has loaded", async () => {
    const { page, sent } = create();
    const first = page.start();
    await new Promise(setImmediate);
    const second = page.start();
    await assert.rejects(first, { name: "BackendUnavailableError", message: /stopped before it had started/ });
    page.receive({ kind: "loaded" });
    await new Promise(setImmediate);
    page.receive({ kind: "started", session: 2 });
    await second;
    assert.ok(!sent.some((message) => message.kind === "start" && message.session === 1));
  });

  it("starts the last of several workers that are asked for at once", async () => {
    const { page, sent } = create();
    const [first, second] = [page.start(), page.start()];
    await assert.rejects(first, { name: "BackendUnavailableError", message: /stopped before it had started/ });
    page.receive({ kind: "loaded" });
    await new Promise(setImmediate);
    page.receive({ kind: "started", session: 2 });
    await second;
    assert.deepEqual(
      sent.filter(({ kind }) => kind === "start"),
      [{ kind: "start", session: 2 }],
    );
  });

  it("that is closed, or whose worker dies, ends the engine", async () => {
    const first = create();
    const { deaths } = await first.startSession(1);
    first.page.close();
    assert.match(deaths.join(), /tab .* was closed/);
    await assert.rejects(first.page.start(), BackendUnavailableError);

    const second = create();
    const session = await second.startSession(1);
    second.page.receive({ kind: "died", session: 1, reason: "out of memory" });
    second.page.receive({ kind: "died", session: 1, reason: "again" });
    assert.deepEqual(session.deaths, ["The WebGPU engine stopped unexpectedly: out of memory."]);
  });

  it("that is reloaded ends the engine, and can start another", async () => {
    const { page, startSession } = create();
    const { deaths } = await startSession(1);
    page.receive({ kind: "loaded" });
    assert.match(deaths.join(), /reloaded/);
    const again = page.start();
    await new Promise(setImmediate);
    page.receive({ kind: "started", session: 2 });
    await again;
  });

  it("that does not load, or cannot start a worker, is unavailable", async () => {
    await assert.rejects(
      create(1).page.start(),
      new BackendUnavailableError("The page of the WebGPU engine did not load."),
    );
    const { page } = create();
    const starting = page.start();
    page.receive({ kind: "loaded" });
    await new Promise(setImmediate);
    page.receive({ kind: "died", session: 1, reason: "no such file" });
    await assert.rejects(starting, /stopped unexpectedly: no such file/);
  });

  it("tells a death that came before anybody listened", async () => {
    const { page } = create();
    const starting = page.start();
    page.receive({ kind: "loaded" });
    await new Promise(setImmediate);
    page.receive({ kind: "started", session: 1 });
    const link = await starting;
    page.close();
    const deaths: string[] = [];
    link.onDeath((reason) => deaths.push(reason));
    assert.equal(deaths.length, 1);
  });

  it("may run nothing but the extension's own files, and shows texts as they are", () => {
    const html = enginePageHtml({
      title: "GPU",
      paragraphs: ["GPU", 'A <b>"text"</b> & more'],
      scriptUri: "https://page/engine.js",
      distUri: "https://page/dist",
      cspSource: "https://page",
      nonce: "0123",
    });
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    assert.equal(
      policy,
      "default-src 'none'; script-src 'nonce-0123' blob: 'wasm-unsafe-eval'; worker-src blob:; connect-src https://page",
    );
    assert.ok(html.includes("<p>A &lt;b>&quot;text&quot;&lt;/b> &amp; more</p>"));
  });
});
