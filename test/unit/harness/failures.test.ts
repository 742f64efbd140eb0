import assert from "node:assert/strict";
import { failuresIn } from "../../harness/failures";

describe("failuresIn", () => {
  it("is Mocha's list of failed tests, without colors and counts", () => {
    const output = [
      "  a suite",
      "    \u001b[32m✔\u001b[39m works",
      "    1) breaks",
      "",
      "\u001b[32m  1 passing\u001b[39m (2s)",
      "\u001b[31m  1 failing\u001b[39m",
      "",
      "  1) a suite",
      "       breaks:",
      "     Error: no",
      "",
      '@@results {"passed":1,"failed":1}',
    ];
    assert.equal(failuresIn(output.join("\n")), "  1 failing\n\n  1) a suite\n       breaks:\n     Error: no");
  });

  it("is each failed test of an extension host, with its error", () => {
    const output = [
      "  a suite",
      "    ✔ works (3 ms)",
      "    ✘ a suite breaks",
      "      Error: no",
      "          at here",
      "    ✔ works again (2 ms)",
      "    ✘ a suite breaks again",
      "      Error: no",
      '@@results {"passed":2,"failed":2}',
    ];
    assert.deepEqual(failuresIn(output.join("\n")).split("\n"), [...output.slice(2, 5), ...output.slice(6, 8)]);
  });

  it("is the verdict of two runs, where there is one", () => {
    const output = [
      "  1 failing",
      "",
      "  1) a breaks",
      "",
      "@@verdict",
      "failed:",
      "  a breaks",
      "",
      '@@results {"failed":1}',
    ];
    assert.equal(failuresIn(output.join("\n")), "failed:\n  a breaks");
    assert.equal(failuresIn('@@verdict\n\n@@results {"passed":1,"failed":0}'), "");
  });

  it("is empty when nothing failed", () => {
    assert.equal(failuresIn('    ✔ works (3 ms)\n@@results {"passed":1,"failed":0}'), "");
  });
});
