import assert from "node:assert/strict";
import { placeFigures } from "../../eval/figures";
import type { Outcome } from "../../eval/complete";
import type { Place } from "../../eval/places";
import { byEagerness, type Shown, shownAt } from "../../eval/shown";

const text = "function f() {\n  const a = 1;\n  return a;  \n}\n";
const start = text.indexOf("const");
const end = text.indexOf("\n}");
const place: Place = {
  ...{ file: { repo: "r", path: "a.ts", lang: "typescript", text }, language: "typescript", kind: "empty body" },
  ...{ prefix: text.slice(0, start), wanted: "const a = 1;", suffix: text.slice(end) },
};
const isRight = (extent: Shown["extent"], shown: string) => shownAt({ extent, text: shown }, place).right;

describe("evaluation: what is shown", () => {
  it("is right when all of its lines are", () => {
    assert.ok(isRight("line", "const a = 1;"));
    assert.ok(isRight("lines", "const a = 1;\n  return a;"));
    assert.ok(!isRight("lines", "const a = 1;\n  return b;"));
    assert.ok(!isRight("lines", "const a = 1;\n  return a;\n}"), "what the document has already");
    assert.ok(!isRight("line", "const a"), "the line goes on");
    assert.ok(!isRight("line", ""));
  });

  it("is right as the beginning of a line that begins so", () => {
    assert.ok(isRight("part", "const a"));
    assert.ok(!isRight("part", "const b"));
  });

  it("is counted by its extent", async () => {
    const shown = await byEagerness((threshold) =>
      shownAt(threshold > 0.3 ? { extent: "part", text: "const" } : { extent: "line", text: "const a = 2;" }, place),
    );
    const outcome: Outcome = {
      ...{ place, found: "", raw: "", shown, exact: false, rawExact: false, similarity: 0 },
      ...{ lineMs: 0, promptMs: 0, promptTokens: 0 },
    };
    const { shy, balanced } = placeFigures([outcome]).shown;
    assert.deepEqual([shy.share, shy.precision, shy.saved], [100, 100, "const".length - 1]);
    assert.deepEqual([shy.byExtent.part.share, shy.byExtent.line.share], [100, 0]);
    assert.deepEqual([balanced.share, balanced.precision, balanced.byExtent.lines.share], [100, 0, 0]);
  });
});
