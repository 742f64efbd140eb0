import assert from "node:assert/strict";
import { shiftOffset } from "../../../src/generate/offset";

describe("shiftOffset", () => {
  const cases = [
    { what: "an insertion before", change: { rangeOffset: 2, rangeLength: 0, text: "abc" }, expected: 13 },
    { what: "an insertion exactly there", change: { rangeOffset: 10, rangeLength: 0, text: "abc" }, expected: 13 },
    { what: "an insertion after", change: { rangeOffset: 11, rangeLength: 0, text: "abc" }, expected: 10 },
    { what: "a deletion before", change: { rangeOffset: 2, rangeLength: 3, text: "" }, expected: 7 },
    { what: "a deletion that ends there", change: { rangeOffset: 4, rangeLength: 6, text: "" }, expected: 4 },
    { what: "a deletion around it", change: { rangeOffset: 8, rangeLength: 6, text: "" }, expected: 8 },
    { what: "a replacement around it", change: { rangeOffset: 8, rangeLength: 6, text: "xy" }, expected: 10 },
    { what: "a deletion that begins there", change: { rangeOffset: 10, rangeLength: 4, text: "" }, expected: 10 },
  ];
  for (const { what, change, expected } of cases) {
    it(`follows ${what}`, () => assert.equal(shiftOffset(10, change), expected));
  }

  it("keeps marking the same character through random edits before it", () => {
    let text = "0123456789|";
    let offset = 10;
    let seed = 7;
    const random = (limit: number) => (seed = (seed * 48271) % 2147483647) % limit;
    for (let i = 0; i < 500; i++) {
      const rangeOffset = random(offset + 1);
      const change = { rangeOffset, rangeLength: random(offset - rangeOffset + 1), text: "x".repeat(random(4)) };
      text = text.slice(0, rangeOffset) + change.text + text.slice(rangeOffset + change.rangeLength);
      offset = shiftOffset(offset, change);
      assert.equal(text[offset], "|");
    }
  });
});
