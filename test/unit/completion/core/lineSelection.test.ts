import { assert } from "chai";
import { align, tokensOf } from "../../../../src/completion/core/ranking/alignment";
import { workspaceLines } from "../../../../src/completion/core/ranking/lineCandidates";
import { lineFacts } from "../../../../src/completion/core/ranking/lineFacts";
import { selectionFeatureNames, selectLines } from "../../../../src/completion/core/ranking/selection";
import { selectionWeights } from "../../../../src/completion/core/ranking/selectionWeights";
import { surroundingsOf } from "../../../../src/completion/core/ranking/surroundings";
import type { WorkspaceMatch } from "../../../../src/completion/core/workspace/types";

function match(rest: string, overrides: Partial<WorkspaceMatch> = {}): WorkspaceMatch {
  return {
    ...{ uri: "file:///b.ts", line: 3, offset: 40, matchLength: 8, rest, preceding: "", nextLine: "", following: "" },
    ...{ sameFile: false, recency: 0, occurrences: 1 },
    ...overrides,
  };
}

/** The facts of a line at a cursor, which is at `|`. */
function factsAt(document: string, text: string, matches: readonly WorkspaceMatch[] = []) {
  const [before = "", after = ""] = document.split("|");
  return lineFacts({ text, matches }, surroundingsOf({ before, after }));
}

const common = (here: string, there: string) => align(tokensOf(here), tokensOf(there)).common;

describe("tokens that two pieces of code have in common", () => {
  it("are the equal ones up to a sign that differs", () => {
    assert.equal(common("f(a, b);", "f(a, b).c"), 6);
    assert.equal(common("", "f"), 0);
  });

  it("may have other names, each the same wherever it occurs", () => {
    assert.equal(common("user = find(user)", "item = find(item)"), 5);
    assert.equal(common("user = find(user)", "item = find(other)"), 4);
    assert.equal(common("a[1] + a[1]", "a[2] + a[2]"), 8);
  });
});

describe("the facts of a line", () => {
  it("say whether it opens what follows", () => {
    const body = "if (|\n  a();\n}";
    assert.deepInclude(factsAt(body, "b) {"), { opensNext: 1, opensNothing: 0, missesOpening: 0 });
    assert.deepInclude(factsAt(body, "b) return;"), { opensNext: 0, opensNothing: 0, missesOpening: 1 });
    assert.deepInclude(factsAt("if (|\na();\n", "b) {"), { opensNext: 0, opensNothing: 1, missesOpening: 0 });
    assert.deepInclude(factsAt("# x|\n    a()\n", "\nif b:"), { opensNext: 1, missesOpening: 0 });
  });

  it("count the names that are not near", () => {
    assert.deepInclude(factsAt("const total = items.|\nreturn total;", "map(total, items)"), {
      names: 3,
      unknownNames: 1,
    });
  });

  it("know lines that stand near already, and the next one", () => {
    const document = "import fs from 'fs';\nimport |\nimport path from 'path';";
    assert.deepInclude(factsAt(document, "fs from 'fs';"), { isNear: 1, isNextLine: 0 });
    assert.deepInclude(factsAt(document, "path from 'path';"), { isNear: 1, isNextLine: 1 });
    assert.deepInclude(factsAt(document, "os from 'os';"), { isNear: 0, isNextLine: 0 });
  });

  it("compare what is around the match with what is around the cursor", () => {
    const facts = factsAt("const user = load(id);\nsave(|\nclose(user);", "item);", [
      match("item);", {
        preceding: "const item = load(id);\nsave(",
        following: "close(item);\n",
        nextLine: "close(item);",
      }),
    ]);
    assert.deepInclude(facts, { alikeBefore: 9, alikeAfter: 4, sameNextLine: 0 });
  });
});

describe("the selection of lines", () => {
  it("has a weight for each feature", () => {
    assert.equal(selectionWeights.length, selectionFeatureNames.length);
    assert.ok(selectionWeights.every(Number.isFinite));
  });

  it("puts lines first whose surroundings and names are those of the cursor", () => {
    const cursor = { before: "const user = load(id);\nsave(", after: "\nclose(user);" };
    const preceding = "const item = load(id);\nsave(";
    const lines = workspaceLines([
      match("entirely, different, names);", { matchLength: 10 }),
      match("user);", { preceding, following: "close(user);\n", nextLine: "close(user);" }),
      match("user, {"),
    ]);
    const selected = selectLines(lines, surroundingsOf(cursor), 2).map(({ text }) => text);
    assert.deepEqual(selected, ["user);", "user, {"]);
  });
});
