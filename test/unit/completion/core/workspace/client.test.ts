import { assert } from "chai";
import { IndexClient, type IndexLink } from "../../../../../src/completion/core/workspace/client";
import type {
  FromIndexWorker,
  IndexSize,
  ToIndexWorker,
} from "../../../../../src/completion/core/workspace/worker/protocol";
import { IndexService } from "../../../../../src/completion/core/workspace/worker/service";
import { sourceGenerator } from "./support";

/** A worker in the same thread: messages are copied and come later, as through a real one. */
class LocalLink implements IndexLink {
  readonly received: ToIndexWorker[] = [];
  disposed = false;
  #listener: (message: FromIndexWorker) => void = () => undefined;
  #die: (reason: string) => void = () => undefined;
  readonly #service = new IndexService((message) => setImmediate(() => this.#listener(structuredClone(message))));

  post(message: ToIndexWorker): void {
    const copy = structuredClone(message);
    setImmediate(() => {
      if (this.disposed) return;
      this.received.push(copy);
      this.#service.handle(copy);
    });
  }
  onMessage(listener: (message: FromIndexWorker) => void): void {
    this.#listener = listener;
  }
  onDeath(listener: (reason: string) => void): void {
    this.#die = listener;
  }
  die(reason: string): void {
    this.disposed = true;
    this.#service[Symbol.dispose]();
    this.#die(reason);
  }
  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    this.#service[Symbol.dispose]();
    return Promise.resolve();
  }
}

describe("the client of the workspace index", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  let link: LocalLink;
  let client: IndexClient;
  let sizes: IndexSize[];
  let deaths: string[];

  beforeEach(() => {
    link = new LocalLink();
    [sizes, deaths] = [[], []];
    client = new IndexClient({
      link,
      budget: 4 << 20,
      onSize: (size) => sizes.push(size),
      onDeath: (reason) => deaths.push(reason),
    });
  });
  afterEach(async () => {
    await client[Symbol.asyncDispose]();
    assert.isTrue(link.disposed);
  });

  const restsAfter = async (prefix: string, signal?: AbortSignal) => {
    const matches = await client.find({ uri: "file:///new.ts", prefix, suffix: "", limit: 10 }, signal);
    return matches.filter(({ matchLength }) => matchLength === prefix.length).map(({ rest }) => rest);
  };

  it("finds files once they are added", async () => {
    assert.isFalse(await client.add([{ uri: "file:///a.ts", content: bytes("call(one);\n") }]));
    assert.deepEqual(await restsAfter("call("), ["one);"]);
    client.update({ kind: "delete", uris: ["file:///a.ts"] });
    assert.deepEqual(await restsAfter("call("), []);
  });

  it("finds what is typed at once, before and after it is settled, until the document is closed", async () => {
    const uri = "file:///a.ts";
    client.update({ kind: "open", uri, text: "call(one);\n" });
    client.update({ kind: "edit", uri, changes: [{ offset: 5, length: 3, text: "two" }] });
    assert.deepEqual(await restsAfter("call("), ["two);"]);
    client.update({ kind: "visit", uri });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.deepEqual(await restsAfter("call("), ["two);"]);
    assert.equal(sizes.at(-1)?.files, 1);
    assert.equal(sizes.at(-1)?.bytes, "call(two);\n".length);
    client.update({ kind: "close", uri });
    assert.deepEqual(await restsAfter("call("), []);
  });

  it("takes in a document in slices, with edits between them", async () => {
    const uri = "file:///a.ts";
    client.update({ kind: "open", uri, text: "call(one);\nca" });
    client.update({ kind: "edit", uri, changes: [{ offset: 5, length: 3, text: "first" }] });
    client.update({ kind: "append", uri, text: "ll(two);\n" });
    client.update({ kind: "append", uri: "file:///unknown.ts", text: "call(never);\n" });
    assert.sameMembers(await restsAfter("call("), ["first);", "two);"]);
    assert.deepEqual(
      link.received.map(({ kind }) => kind),
      ["budget", "open", "edit", "append", "append", "find"],
    );
  });

  it("sends edits that come in quick succession together, before whatever comes next", async () => {
    const uri = "file:///a.ts";
    client.update({ kind: "open", uri, text: "call();\n" });
    for (let edit = 0; edit < 10_000; edit++) {
      client.update({ kind: "edit", uri, changes: [{ offset: 5 + edit, length: 0, text: String(edit % 10) }] });
    }
    assert.deepEqual(
      await restsAfter("call("),
      [`${"0123456789".repeat(1000)});`].filter((rest) => rest.length < 400),
    );
    assert.deepEqual(
      link.received.map(({ kind }) => kind),
      ["budget", "open", "edit", "find"],
    );
    client.update({ kind: "edit", uri, changes: [{ offset: 5, length: 10_000, text: "short" }] });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(link.received.at(-1)?.kind, "edit");
    assert.deepEqual(await restsAfter("call("), ["short);"]);
  });

  it("says when the index is full, and finds lines while it is built", async () => {
    const generate = sourceGenerator(2);
    await client.add([{ uri: "file:///first.ts", content: bytes("call(first);\n") }]);
    const files = Array.from({ length: 60 }, (_, i) => ({ uri: `file:///${i}.ts`, content: bytes(generate(50_000)) }));
    let full: boolean | undefined;
    const adding = client.add(files).then((result) => (full = result));
    assert.deepEqual(await restsAfter("call("), ["first);"]);
    assert.isUndefined(full);
    assert.isTrue(await adding);
    client.update({ kind: "budget", bytes: 1 << 20 });
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.isAtMost(sizes.at(-1)?.memory ?? Infinity, 1 << 20);
  }).timeout(60_000);

  it("finds nothing for what nobody waits for", async () => {
    const controller = new AbortController();
    const found = restsAfter("call(", controller.signal);
    controller.abort();
    assert.deepEqual(await found, []);
    assert.deepEqual(await restsAfter("call(", AbortSignal.abort()), []);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(link.received.filter(({ kind }) => kind === "find").length, 1);
  });

  it("answers everything when the worker dies, and asks it nothing more", async () => {
    const finding = restsAfter("call(");
    const adding = client.add([{ uri: "file:///a.ts", content: bytes("call(one);\n") }]);
    link.die("out of memory");
    assert.deepEqual(await finding, []);
    assert.isTrue(await adding);
    assert.deepEqual(deaths, ["out of memory"]);
    assert.deepEqual(await restsAfter("call("), []);
    assert.isTrue(await client.add([]));
    client.update({ kind: "close", uri: "file:///a.ts" });
    assert.isEmpty(link.received);
  });
});
