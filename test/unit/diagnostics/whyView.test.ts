import assert from "node:assert/strict";
import type { RankedLine } from "../../../src/completion/core/ranking/ranker";
import type { WorkspaceMatch } from "../../../src/completion/core/workspace/types";
import { whyView } from "../../../src/diagnostics/whyView";

const match: WorkspaceMatch = {
  ...{
    uri: "file:///w/src/a.ts",
    line: 11,
    offset: 90,
    matchLength: 8,
    rest: "log();",
    preceding: "",
    nextLine: "",
    following: "",
  },
  ...{ sameFile: false, recency: 0, occurrences: 1 },
};
const found: RankedLine = {
  ...{ text: "log();", fromModel: false, isRenamed: true, matches: [match], probability: 0.3 },
  score: { tokens: [-1, -2], end: -0.5 },
};
const own: RankedLine = {
  text: "warn();",
  fromModel: true,
  matches: [],
  probability: 0.1,
  score: { tokens: [], end: 0 },
};
const pathOf = (uri: string) => uri.replace("file:///w/", "");

describe("the Why tab's view", () => {
  it("has the lines of the last decision with their sources, counted from line 1", () => {
    const decision = { linePrefix: "console.", text: "log();", lines: [found, own], threshold: 0.2 };
    assert.deepEqual(whyView(decision, pathOf), {
      ...{ kind: "why", linePrefix: "console.", shown: true, threshold: 0.2 },
      lines: [
        {
          ...{ text: "log();", probability: 0.3, logProbability: -3.5, fromModel: false, isRenamed: true },
          places: [{ uri: "file:///w/src/a.ts", file: "src/a.ts", line: 12 }],
        },
        {
          ...{ text: "warn();", probability: 0.1, logProbability: null },
          fromModel: true,
          isRenamed: false,
          places: [],
        },
      ],
    });
  });

  it("has the beginning of a line when only that was shown", () => {
    const part = { text: "log", probability: 0.6 };
    const view = whyView({ linePrefix: "console.", text: "log", part, lines: [found], threshold: 0.45 }, pathOf);
    assert.deepEqual(view.kind === "why" && [view.shown, view.part], [true, part]);
  });

  it("says that nothing was shown, and before the first decision that there is none", () => {
    const view = whyView({ linePrefix: "", text: "", lines: [found], threshold: 0.45 }, pathOf);
    assert.ok(view.kind === "why" && !view.shown && view.threshold === 0.45);
    assert.deepEqual(whyView(undefined, pathOf), { kind: "undecided" });
  });
});
