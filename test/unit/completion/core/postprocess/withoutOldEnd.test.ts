import assert from "node:assert/strict";
import { withoutOldEnd } from "../../../../../src/completion/core/postprocess/withoutOldEnd";

describe("a suggestion without the old end that it has", () => {
  const cases: [text: string, replaces: number, lineRest: string, left: [text: string, replaces: number]][] = [
    ["'states']", 1, "]", ["'states'", 0]],
    ['"a"), b)', 1, ")", ['"a"), b', 0]],
    ["a);", 1, ")", ["a);", 1]],
    ["a}`)", 3, "}`)", ["a", 0]],
    ["name}`);", 2, "}`", ["name}`);", 2]],
    ["a)", 0, "", ["a)", 0]],
    ["a) {\n  b();\n})", 1, ")", ["a) {\n  b();\n})", 1]],
  ];
  for (const [text, replaces, lineRest, [left, still]] of cases) {
    it(`is “${left}” for “${text}” before “${lineRest}”`, () => {
      const closers = "";
      assert.deepEqual(withoutOldEnd({ text, replaces, closers }, lineRest), { text: left, replaces: still, closers });
    });
  }
});
