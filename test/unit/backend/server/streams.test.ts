import assert from "node:assert/strict";
import { EventStreamParser } from "../../../../src/backend/server/http/eventStream";
import { JsonLinesParser } from "../../../../src/backend/server/http/jsonLines";
import { pieces } from "../../../fixtures/protocolServer";

function events(text: string, length: number): string[] {
  const parser = new EventStreamParser();
  return pieces(text, length).flatMap((piece) => parser.push(piece).map(({ event, data }) => `${event}:${data}`));
}

describe("EventStreamParser", () => {
  const stream = ': comment\r\n\r\ndata: {"a":"é😀"}\n\nevent: error\ndata: x\rdata:y\r\rid: 7\ndata\n\ndata: half';

  it("reads the same events however the bytes are cut", () => {
    const expected = ['message:{"a":"é😀"}', "error:x\ny", "message:"];
    for (let length = 1; length <= stream.length; length++) assert.deepEqual(events(stream, length), expected);
  });

  it("holds an event back until it is complete, and discards half of one at the end", () => {
    const parser = new EventStreamParser();
    const push = (text: string) => parser.push(new TextEncoder().encode(text)).map(({ data }) => data);
    assert.deepEqual(push("data: one\n"), []);
    assert.deepEqual(push("\ndata: t"), ["one"]);
    assert.deepEqual(push("wo\r"), []);
    assert.deepEqual(push("\n"), []);
    assert.deepEqual(push("\r"), ["two"]);
    assert.deepEqual(push("\ndata: three"), []);
  });

  it("replaces bytes that are no UTF-8, also at a cut", () => {
    const parser = new EventStreamParser();
    const bytes = [...new TextEncoder().encode("data: a"), 0xc3, ...new TextEncoder().encode("b"), 0xff, 0x0a, 0x0a];
    const found = bytes.flatMap((byte) => parser.push(Uint8Array.of(byte)));
    assert.deepEqual(found, [{ event: "message", data: "a\ufffdb\ufffd" }]);
  });

  it("ignores a byte order mark and fields that it does not know", () => {
    assert.deepEqual(events("\ufeffdata: 1\nretry: 5\nfoo: bar\n\n", 2), ["message:1"]);
  });
});

describe("JsonLinesParser", () => {
  it("reads the same lines however the bytes are cut, the last one without an end", () => {
    const text = '{"a":"ü"}\n\n{"b":1}\r\n{"c":2}';
    for (let length = 1; length <= text.length; length++) {
      const parser = new JsonLinesParser();
      const lines = pieces(text, length).flatMap((piece) => parser.push(piece));
      assert.deepEqual([...lines, ...parser.end()], ['{"a":"ü"}', '{"b":1}', '{"c":2}']);
      assert.deepEqual(parser.end(), []);
    }
  });

  it("replaces a character that is cut by the end", () => {
    const parser = new JsonLinesParser();
    assert.deepEqual(parser.push(Uint8Array.of(0x41, 0xf0, 0x9f)), []);
    assert.deepEqual(parser.end(), ["A\ufffd"]);
  });
});
