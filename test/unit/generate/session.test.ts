import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultForm, type GenerateForm } from "../../../src/generate/form";
import { GenerateHistory } from "../../../src/generate/history";
import type { TextView, ToPage } from "../../../src/generate/protocol";
import { GenerateSession } from "../../../src/generate/session";
import { FakeBackend } from "./fakeBackend";
import { MapStore } from "../../fixtures/mapStore";

const form: GenerateForm = { ...defaultForm, prompt: "def ", header: "# a.py\n", texts: 2, maxTokens: 9, seed: 7 };

/** Lets what was started go on until it waits for the test. */
const settle = () => sleep(0);

describe("a session of the form", () => {
  let backend: FakeBackend;
  let session: GenerateSession;
  let history: GenerateHistory;
  let posted: ToPage[];
  let errors: unknown[];

  beforeEach(() => {
    backend = new FakeBackend();
    posted = [];
    errors = [];
    history = new GenerateHistory(new MapStore(), () => true);
    const post = (message: ToPage) => void posted.push(message);
    session = new GenerateSession({ backend, history, post, onError: (error) => errors.push(error) });
  });
  afterEach(() => session[Symbol.dispose]());

  const texts = () => session.view().texts ?? [];
  const shown = () => texts().map(({ id }) => session.textOf(id));

  async function write(first: string, second: string): Promise<void> {
    const running = session.start(form);
    await settle();
    backend.last.grow(0, first);
    backend.last.grow(1, second);
    backend.last.finish();
    await running;
  }

  it("writes the texts with seeds one after the other, and remembers them", async () => {
    await write("one", "two");
    const { request } = backend.last;
    assert.equal(request.prompt, "# a.py\ndef ");
    assert.deepEqual(
      request.samplings.map(({ seed }) => seed),
      [7, 8],
    );
    assert.deepEqual(shown(), ["one", "two"]);
    assert.deepEqual(
      texts().map(({ seed, state }) => [seed, state]),
      [
        [7, "length"],
        [8, "length"],
      ],
    );
    assert.deepEqual([session.view().run?.running, session.view().run?.tokens], [false, 6]);
    const [entry] = history.entries;
    assert.deepEqual([entry?.texts, entry?.form.seed, entry?.model], [["one", "two"], 7, "test"]);
  });

  it("refuses a form of the history whose expression or schema is empty, and writes nothing", async () => {
    for (const [match, name] of [
      ["regex", "regular expression"],
      ["jsonSchema", "JSON schema"],
    ] as const) {
      void session.start({ ...form, match, pattern: " \n" });
      await settle();
      assert.equal(session.view().run?.problem, `Enter the ${name} that the text must match.`);
      assert.deepEqual(shown(), []);
    }
    assert.equal(backend.requests.length, 0);
    session.showEntry({ form: { ...form, match: "regex" }, texts: ["one"] });
    void session.continueText(texts()[0]?.id ?? 0);
    await settle();
    assert.deepEqual([backend.requests.length, shown()], [0, ["one"]]);
  });

  it("tells the page what the texts grew by, in few messages, and nothing that may be a stop string", async () => {
    const running = session.start(form);
    await settle();
    posted.length = 0;
    backend.last.grow(0, "abc", 2);
    backend.last.grow(1, "x");
    await sleep(120);
    assert.equal(posted.length, 1);
    const [first, second] = posted[0]?.growth ?? [];
    assert.deepEqual([first?.tokens.map(({ text }) => text), first?.shown], [["a", "b", "c"], 2]);
    assert.deepEqual([second?.tokens.length, second?.state], [1, "writing"]);
    assert.equal(posted[0]?.run?.tokens, 4);
    assert.equal(shown()[0], "ab");
    backend.last.finish();
    await running;
  });

  it("branches a text at any of its tokens, beside it", async () => {
    await write("abcd", "x");
    const [first] = texts();
    const running = session.branch(first?.id ?? 0, 2, 1);
    await settle();
    const { request } = backend.last;
    assert.deepEqual(request.written, [...Buffer.from("abd")]);
    assert.deepEqual([request.samplings.length, request.samplings[0]?.seed], [1, 7]);
    backend.last.grow(0, "!!");
    backend.last.finish("endOfText");
    await running;
    assert.deepEqual(shown(), ["abcd", "abd!!", "x"]);
    const branch = texts()[1];
    assert.deepEqual([branch?.parent, branch?.branchedAt, branch?.tokens.length], [first?.id, 2, 5]);
    assert.equal(branch?.tokens[2]?.alternatives.find(({ chosen }) => chosen)?.text, "d");
  });

  it("continues a text, and one from the history by its characters", async () => {
    await write("ab", "x");
    const running = session.continueText(texts()[0]?.id ?? 0);
    await settle();
    assert.deepEqual(backend.last.request.written, [97, 98]);
    backend.last.grow(0, "c");
    backend.last.finish();
    await running;
    assert.deepEqual(shown(), ["abc", "x"]);

    session.showEntry({ form, texts: ["stored "] });
    const stored = session.continueText(texts()[0]?.id ?? 0);
    await settle();
    assert.deepEqual([backend.last.request.prompt, backend.last.request.written], ["# a.py\ndef stored ", undefined]);
    backend.last.grow(0, "on");
    backend.last.finish();
    await stored;
    assert.deepEqual(shown(), ["stored on"]);
    const again = session.continueText(texts()[0]?.id ?? 0);
    await settle();
    assert.equal(backend.last.request.prompt, "# a.py\ndef stored ");
    assert.deepEqual(backend.last.request.written, [111, 110]);
    backend.last.finish();
    await again;
  });

  it("keeps what is to be kept, and removes what is not", async () => {
    await write("one", "two");
    const [first, second] = texts();
    session.toggleKept(second?.id ?? 0);
    await write("three", "four");
    assert.deepEqual(shown(), ["two", "three", "four"]);
    session.remove(second?.id ?? 0);
    assert.deepEqual(shown(), ["three", "four"]);
    assert.equal(session.textOf(first?.id ?? 0), undefined);
  });

  it("leaves what was written when it is canceled, or a new run begins", async () => {
    const running = session.start(form);
    await settle();
    backend.last.grow(0, "half");
    session.cancel();
    await running;
    const states = (views: readonly TextView[]) => views.map(({ state }) => state);
    assert.deepEqual(
      [shown(), states(texts())],
      [
        ["half", ""],
        ["cancelled", "cancelled"],
      ],
    );

    const second = session.start(form);
    await settle();
    const overtaken = backend.last;
    const third = session.start(form);
    await settle();
    assert.ok(overtaken.isCancelled && backend.requests.length === 3);
    backend.last.finish();
    await Promise.all([second, third]);
    assert.equal(texts().length, 2);
  });

  it("shows why it failed, and goes on after that", async () => {
    await session.start({ ...form, match: "jsonSchema", pattern: "{" });
    assert.match(session.view().run?.problem ?? "", /not JSON/);
    assert.equal(errors.length, 1);
    const running = session.start(form);
    await settle();
    backend.last.grow(0, "part");
    backend.last.fail(new Error("broken"));
    await running;
    assert.deepEqual([session.view().run?.problem, session.view().run?.running], ["broken", false]);
    assert.deepEqual([shown(), texts()[0]?.state], [["part"], "failed"]);
    await write("one", "two");
    assert.equal(session.view().run?.problem, undefined);
  });

  it("leaves what an earlier run failed to finish when another text goes on", async () => {
    await write("one", "two");
    const failing = session.continueText(texts()[0]?.id ?? 0);
    await settle();
    backend.last.fail(new Error("broken"));
    await failing;
    assert.equal(texts()[0]?.state, "failed");
    const running = session.continueText(texts()[1]?.id ?? 0);
    await settle();
    backend.last.grow(0, "!");
    backend.last.finish();
    await running;
    assert.deepEqual(shown(), ["one", "two!"]);
  });

  it("shows the texts of beams, which have no tokens and may be fewer", async () => {
    const running = session.start({ ...form, beams: 4, texts: 3 });
    await settle();
    assert.deepEqual(backend.last.request.beams, { count: 4, lengthPenalty: 1 });
    backend.last.growPlain(0, "guess");
    backend.last.growPlain(0, "best");
    backend.last.finish();
    await running;
    assert.equal(shown()[0], "best");
    assert.ok(texts().every(({ seed, tokens }) => seed === undefined && tokens.length === 0));
  });
});
