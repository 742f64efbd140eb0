import assert from "node:assert/strict";
import { cursorBetween } from "../../../../src/completion/core/cursor";
import { hasMoreLines, modelBlock, workspaceBlock } from "../../../../src/completion/core/ranking/block";
import type { RankedLine } from "../../../../src/completion/core/ranking/ranker";
import { suggestLine } from "../../../../src/completion/core/ranking/suggestLine";
import { readSettings } from "../../../../src/completion/core/settings";
import type { WorkspaceMatch } from "../../../../src/completion/core/workspace/types";
import type { LineScore, ScoreRequest } from "../../../../src/generation/ranking/scoreLines";

const facts = {
  document: "file:///a.ts",
  path: "a.ts",
  languageId: "typescript",
  indentation: { insertSpaces: true, tabSize: 2 },
};
const cursor = cursorBetween("function total(items) {\n  ", "\n}\n", facts);
const settings = readSettings({ get: (_key, fallback) => fallback });

const match = (rest: string, following: string, preceding = "function all(items) {\n  "): WorkspaceMatch => ({
  ...{ uri: "file:///b.ts", line: 3, offset: 40, matchLength: 20, nextLine: "", sameFile: false, recency: 0 },
  ...{ rest, following, preceding, occurrences: 1 },
});
const likely: LineScore = { tokens: [-0.1], end: -0.1 };
const line = (text: string, matches: readonly WorkspaceMatch[], probability = 0.9): RankedLine => ({
  ...{ text, matches, probability, fromModel: matches.length === 0, score: likely },
});

describe("a block of the workspace", () => {
  const first = "let sum = 0;";
  const following = "  for (const { price } of items) {\n    sum += price;\n  }\n  return sum;\n}\n";
  const twice = [match(first, following), match(first, following)];

  it("goes on while its probability holds, and ends where nothing is open", () => {
    const block = workspaceBlock(line(first, twice), cursor, 0.15);
    assert.equal(block?.text, `${first}\n  for (const { price } of items) {\n    sum += price;\n  }`);
    assert.ok(Math.abs(block.probability - 0.9 * (1.7 / 2.2) ** 3) < 1e-9);
    assert.equal(workspaceBlock(line(first, twice), cursor, 0.5), undefined);
  });

  it("is longer the more matches agree", () => {
    const lines = "  sum += 1;\n  sum += 2;\n  return sum;";
    const lengthOf = (count: number) => {
      const matches = Array.from({ length: count }, () => match(first, `${lines}\n}\n`));
      return workspaceBlock(line(first, matches), cursor, 0.45)?.text.split("\n").length ?? 1;
    };
    assert.deepEqual([1, 2, 3, 20].map(lengthOf), [2, 3, 4, 4]);
  });

  it("takes the line that most matches go on with", () => {
    const other = match(first, "  return 0;\n}\n");
    const block = workspaceBlock(line(first, [other, ...twice, ...twice]), cursor, 0.1);
    assert.match(block?.text ?? "", /^let sum = 0;\n {2}for/);
  });

  it("ends with the block around the cursor, and before what the document has already", () => {
    assert.equal(workspaceBlock(line(first, [match(first, "}\n"), match(first, "}\n")]), cursor, 0.1), undefined);
    const before = cursorBetween("function total(items) {\n  ", "\n  return 0;\n}\n", facts);
    const same = [match(first, "  return 0;\n}\n"), match(first, "  return 0;\n}\n")];
    assert.equal(workspaceBlock(line(first, same), before, 0.1), undefined);
  });

  it("is only taken from lines that are indented as the cursor's", () => {
    const deeper = twice.map((one) => ({ ...one, preceding: "    " }));
    assert.equal(workspaceBlock(line(first, deeper), cursor, 0.1), undefined);
  });
});

describe("a block of the model", () => {
  const text = "let sum = 0;\n  return sum;\n  sum++;";
  const own = line("let sum = 0;", []);
  const ends = [12, 26, 35];

  it("goes on while its probability holds", () => {
    const score = { tokens: [-0.1, Math.log(0.8), Math.log(0.1)], ends, end: 0 };
    const block = modelBlock(own, text, score, cursor, 0.5);
    assert.equal(block?.text, "let sum = 0;\n  return sum;");
    assert.ok(Math.abs(block.probability - 0.9 * 0.8) < 1e-9);
    assert.equal(modelBlock(own, text, score, cursor, 0.8), undefined);
  });

  it("goes on where that saves more keys, times the probability that all of it is right", () => {
    const withLast = (probability: number) =>
      modelBlock(own, text, { tokens: [-0.1, Math.log(0.8), Math.log(probability)], ends, end: 0 }, cursor, 0.05)?.text;
    assert.equal(withLast(0.1), "let sum = 0;\n  return sum;");
    assert.equal(withLast(0.9), text);
    const unsure = { tokens: [-0.1, Math.log(0.4)], ends, end: 0 };
    assert.equal(modelBlock(own, "let sum = 0;\n  return sum;", unsure, cursor, 0.05), undefined);
  });

  it("counts a token with a line break in it for the line that it begins in", () => {
    const joined = { tokens: [-0.1, -0.1, Math.log(0.8), Math.log(0.5)], ends: [11, 13, 25, 27], end: 0 };
    assert.ok(Math.abs((modelBlock(own, text, joined, cursor, 0.3)?.probability ?? 0) - 0.9 * 0.8 * 0.5) < 1e-9);
  });

  it("is not known without the ends of the tokens", () => {
    assert.equal(modelBlock(own, text, { tokens: [-0.1], end: 0 }, cursor, 0.1), undefined);
  });

  it("is there when the model wrote more than the line", () => {
    assert.ok(hasMoreLines(text, own));
    assert.ok(!hasMoreLines("let sum = 0;\n", own));
    assert.ok(!hasMoreLines("let sum = 01;\n  return sum;", own));
  });
});

describe("a suggested line", () => {
  const modelText = "let sum = 0;\n  return sum;";
  const following = "  return sum;\n}\n";
  const asked: ScoreRequest[] = [];
  const sure = async (request: ScoreRequest) => {
    asked.push(request);
    return Promise.resolve(
      request.lines.map((text) => ({ tokens: [-1e-3, -1e-3], ends: [12, text.length], end: -1e-3 })),
    );
  };
  beforeEach(() => asked.splice(0));
  const choose = async (matches: readonly WorkspaceMatch[], threshold: number, at = cursor, text = modelText) =>
    (await suggestLine({ cursor: at, settings, modelText: text, matches, threshold }, sure))?.text;

  it("goes on as the workspace does, without asking the model", async () => {
    const matches = Array.from({ length: 6 }, () => match("let sum = 0;", following));
    assert.equal(await choose(matches, 0.05), modelText);
    assert.equal(asked.length, 1);
  });

  it("is indented as the document is", async () => {
    const matches = Array.from({ length: 6 }, () =>
      match("let sum = 0;", "\treturn sum;\n}\n", "function all() {\n\t"),
    );
    const tabs = cursorBetween("function total(items) {\n\t", "\n}\n", {
      ...facts,
      indentation: { insertSpaces: false, tabSize: 2 },
    });
    assert.equal(await choose(matches, 0.05, tabs), "let sum = 0;\n\treturn sum;");
    const top = cursorBetween("function total(items) {", "", facts);
    const inTabs = Array.from({ length: 6 }, () => match("", "\treturn 0;\n}\n", "function all(items) {"));
    assert.match((await choose(inTabs, 0.01, top, "")) ?? "", /^\n {2}return 0;/);
  });

  it("is the next likeliest one where the filters leave nothing of the likeliest", async () => {
    const at = cursorBetween("const zebra = ", "\n", facts);
    const scores = ({ lines }: ScoreRequest) =>
      Promise.resolve(lines.map((text) => (text === "{" ? likely : { tokens: [-3], end: -3 })));
    const decide = (threshold: number) =>
      suggestLine({ cursor: at, settings, modelText: "{", matches: [match("paint();", "")], threshold }, scores);
    const decision = await decide(0);
    assert.equal(decision?.text, "paint();");
    assert.deepEqual(
      decision.lines.map(({ text }) => text),
      ["paint();", "{"],
    );
    const [other, likeliest] = decision.lines;
    assert.ok(other && likeliest && other.probability < likeliest.probability);
    assert.equal((await decide((other.probability + likeliest.probability) / 2))?.text, "{");
  });

  it("stands alone when the lines after it cannot be scored", async () => {
    const once = (request: ScoreRequest) =>
      request.lines[0] === modelText ? Promise.reject(new Error("no more")) : sure(request);
    const decision = await suggestLine({ cursor, settings, modelText, matches: [], threshold: 0.01 }, once);
    assert.equal(decision?.text, "let sum = 0;");
  });

  it("goes on as the model does, when that is likely enough", async () => {
    assert.equal(await choose([], 0.01), modelText);
    assert.deepEqual(asked[1]?.lines, [modelText]);
  });

  it("is all that the model wrote when a person asked", async () => {
    assert.equal(await choose([], 0), modelText);
    assert.equal(asked.length, 1);
  });

  it("is one line within a line", async () => {
    const inLine = cursorBetween("function total(items) {\n  let sum = ", "\n}\n", facts);
    const matches = Array.from({ length: 6 }, () => match("0;", following));
    assert.equal(await choose(matches, 0.01, inLine, "0;"), "0;");
    assert.equal(asked.length, 1);
  });
});
