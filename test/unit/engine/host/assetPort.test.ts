import assert from "node:assert/strict";
import { MessageChannel } from "node:worker_threads";
import { assetReader, serveAssets } from "../../../../src/engine/host/assetPort";

describe("files of the extension that come through a port", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  let asked: string[];
  let channel: MessageChannel;
  let read: (path: string) => Promise<Uint8Array>;
  beforeEach(() => {
    asked = [];
    channel = new MessageChannel();
    // The same interface in Node and in browsers, with types of their own.
    const [ours, theirs] = [channel.port1, channel.port2] as unknown as [MessagePort, MessagePort];
    serveAssets(ours, (path) => {
      asked.push(path);
      return path === "none" ? Promise.reject(new Error("There is no such file.")) : Promise.resolve(bytes);
    });
    read = assetReader(theirs);
  });
  afterEach(() => channel.port1.close());

  it("are asked for once by several at a time, who all get them", async () => {
    assert.deepEqual(await Promise.all([read("a"), read("b"), read("a")]), [bytes, bytes, bytes]);
    assert.deepEqual(asked, ["a", "b"]);
    await read("a");
    assert.deepEqual(asked, ["a", "b", "a"]);
  });

  it("are missed by all who ask for one that is not there", async () => {
    const outcomes = await Promise.allSettled([read("none"), read("none")]);
    for (const outcome of outcomes) {
      assert.ok(outcome.status === "rejected");
      assert.match(String(outcome.reason), /There is no such file\./);
    }
  });
});
