import assert from "node:assert/strict";
import { FileClient, FileServer, type NumberedRequest } from "../../../../src/engine/host/filePort";
import type { ByteSource } from "../../../../src/formats/byteSource";
import { ModelFileError } from "../../../../src/formats/errors";
import { MemoryFiles } from "../../../../src/formats/memory";

const large = Uint8Array.from({ length: 9 * 2 ** 20 + 5 }, (_, i) => (i * 31 + (i >> 13)) & 255);

/** A client whose requests a server answers through a port, and what passes it. */
function connect() {
  const files = new MemoryFiles("tiny", new Map([["onnx/model.onnx", large]]));
  const open = new Set<ByteSource>();
  const server = new FileServer((path) => {
    if (path !== "/models/tiny") return Promise.reject(new ModelFileError(`There is no ${path}.`));
    return Promise.resolve({
      name: files.name,
      names: files.names,
      open: async (name) => {
        const source = await files.open(name);
        const tracked: ByteSource = {
          name,
          size: source.size,
          read: (offset, length) => source.read(offset, length),
          [Symbol.asyncDispose]: () => Promise.resolve(void open.delete(tracked)),
        };
        open.add(tracked);
        return tracked;
      },
    });
  });
  const { port1, port2 } = new MessageChannel();
  const lengths: number[] = [];
  port1.onmessage = ({ data }: MessageEvent<NumberedRequest>) => {
    if (data.request.kind === "read") lengths.push(data.request.length);
    void server.answer(data).then((answer) => port1.postMessage(answer));
  };
  const close = () => [port1, port2].forEach((port) => port.close());
  return { client: new FileClient(port2), server, open, lengths, [Symbol.dispose]: close };
}

describe("model files through a port", () => {
  it("are read in any ranges, long ones in pieces and into the memory that the caller has for them", async () => {
    using connection = connect();
    const { client, open, lengths } = connection;
    const model = await client.model("/models/tiny");
    assert.deepEqual([model.name, model.names], ["tiny", ["onnx/model.onnx"]]);
    const source = await model.open("onnx/model.onnx");
    assert.deepEqual([source.name, source.size], ["model.onnx", large.length]);
    assert.deepEqual(await source.read(3, 4), large.slice(3, 7));
    assert.ok(Buffer.from(large.subarray(1)).equals(await source.read(1, large.length - 1)));
    const into = new Uint8Array(large.length);
    const read = await source.read(2, 5 * 2 ** 20, into);
    assert.equal(read.buffer, into.buffer);
    assert.ok(Buffer.from(large.subarray(2, 2 + 5 * 2 ** 20)).equals(read));
    assert.equal(lengths.length, 6);
    assert.ok(Math.max(...lengths) <= 4 * 2 ** 20);
    await source[Symbol.asyncDispose]();
    assert.equal(open.size, 0);
  });

  it("fail as they do where they are", async () => {
    using connection = connect();
    const { client } = connection;
    await assert.rejects(client.model("/models/none"), new ModelFileError("There is no /models/none."));
    const model = await client.model("/models/tiny");
    await assert.rejects(model.open("other.gguf"), ModelFileError);
    const source = await model.open("onnx/model.onnx");
    await assert.rejects(source.read(large.length - 1, 2), /cut short/);
    await assert.rejects(source.read(5 * 2 ** 20, 5 * 2 ** 20), /cut short/);
  });

  it("are closed with the server", async () => {
    using connection = connect();
    const { client, server, open } = connection;
    const source = await (await client.model("/models/tiny")).open("onnx/model.onnx");
    assert.equal(open.size, 1);
    await server[Symbol.asyncDispose]();
    assert.equal(open.size, 0);
    await assert.rejects(source.read(0, 1), /not open any more/);
  });
});
