import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describeExplanation, explain } from "../../../src/cli/explanation";
import type { RankedLine } from "../../../src/completion/core/ranking/ranker";
import type { WorkspaceMatch } from "../../../src/completion/core/workspace/types";

const match = (file: string, line: number): WorkspaceMatch => ({
  uri: pathToFileURL(path.resolve(file)).href,
  ...{
    line,
    offset: 0,
    matchLength: 8,
    rest: "",
    preceding: "",
    nextLine: "",
    following: "",
    sameFile: false,
    recency: 0,
  },
  occurrences: 1,
});
const found: RankedLine = {
  ...{ text: 'log("a");', fromModel: false, isRenamed: true, probability: 0.312 },
  matches: [match("src/a.ts", 11), match("src/b.ts", 0)],
  score: { tokens: [-1, -2], end: -0.5 },
};
const own: RankedLine = {
  ...{ text: "warn();", fromModel: true, probability: 0.05, matches: [match("src/c.ts", 4)] },
  score: { tokens: [], end: -1 },
};

describe("explanation", () => {
  it("has each line's source, probability and log-probability", () => {
    const explanation = explain({ linePrefix: "", text: found.text, lines: [found, own], threshold: 0.2 }, found.text);
    assert.deepEqual(explanation, {
      threshold: 0.2,
      reason: null,
      part: null,
      lines: [
        {
          ...{ probability: 0.312, logProbability: -3.5, text: 'log("a");' },
          sources: ["renamed", path.join("src", "a.ts:12"), path.join("src", "b.ts:1")],
        },
        {
          ...{ probability: 0.05, logProbability: null, text: "warn();" },
          sources: ["model", path.join("src", "c.ts:5")],
        },
      ],
    });
    const [titles, first, second, threshold] = describeExplanation(explanation).split("\n");
    assert.match(titles ?? "", /^probability {2}log-probability {2}source +text$/);
    assert.match(first ?? "", /^ +31\.2 % +-3\.50 {2}renamed, src.a\.ts:12 and 1 more {2}"log\(\\"a\\"\);"$/);
    assert.match(second ?? "", /^ +5\.0 % +– {2}model, src.c\.ts:5 +"warn\(\);"$/);
    assert.equal(threshold, "threshold: 20.0 %");
  });

  it("says when only the beginning of a line is shown", () => {
    const decision = { linePrefix: "", text: "log", part: { text: "log", probability: 0.62 }, lines: [found] };
    const explanation = explain({ ...decision, threshold: 0.45 }, "log");
    assert.deepEqual([explanation.reason, explanation.part], [null, decision.part]);
    assert.match(describeExplanation(explanation), /\nOnly the beginning .*: 62\.0 % for "log"\.\n$/);
    assert.equal(explain({ ...decision, threshold: 0.45 }, "").part, null);
  });

  it("says why nothing is shown", () => {
    const reason = (...args: Parameters<typeof explain>) => explain(...args).reason ?? "";
    assert.match(
      reason({ linePrefix: "", text: "", lines: [found], threshold: 0.45 }, ""),
      /31\.2 %, less than the threshold/,
    );
    assert.match(
      reason({ linePrefix: "", text: "", lines: [], threshold: 0 }, ""),
      /neither the model nor the workspace/,
    );
    assert.match(reason({ linePrefix: "", text: "x", lines: [found], threshold: 0 }, ""), /filters/);
    const unranked = explain(undefined, "x");
    assert.equal(unranked.threshold, null);
    assert.match(describeExplanation(unranked), /^Lines are not ranked here/);
  });
});
