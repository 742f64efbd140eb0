import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { cursorBetween } from "../../../../src/completion/core/cursor";
import { postprocess } from "../../../../src/completion/core/postprocess/index";
import type { ScoredLine } from "../../../../src/completion/core/ranking/features";
import { likelyPart } from "../../../../src/completion/core/ranking/linePart";
import { seededRandom } from "../../../../src/generation/sampling/random";

const facts = {
  document: "file:///a.ts",
  path: "a.ts",
  languageId: "typescript",
  indentation: { insertSpaces: true, tabSize: 2 },
};
const cursor = cursorBetween("const total = ", "\n", facts);

/** A line of tokens, each with its probability. */
function line(...tokens: readonly (readonly [text: string, probability: number])[]): ScoredLine {
  let end = 0;
  return {
    text: tokens.map(([text]) => text).join(""),
    ...{ fromModel: true, matches: [] },
    score: {
      tokens: tokens.map(([, probability]) => Math.log(probability)),
      ends: tokens.map(([text]) => (end += text.length)),
      end: 0,
    },
  };
}

const partOf = (scored: ScoredLine, threshold = 0.5, at = cursor) => likelyPart(scored, at, threshold)?.text;

describe("the likely part of a line", () => {
  const call = line(["items", 0.9], [".", 0.9], ["sum", 0.8], ["(", 0.9], ["all", 0.9], [")", 1], [";", 0.1]);

  it("is the longest beginning that is as likely as the threshold, with its probability", () => {
    const part = likelyPart(call, cursor, 0.5);
    assert.equal(part?.text, "items.sum(all)");
    assert.ok(Math.abs(part.probability - 0.9 * 0.9 * 0.8 * 0.9 * 0.9) < 1e-9);
    assert.equal(partOf(call, 0.55), "items.sum");
    assert.equal(partOf(call, 0.85), "items");
    assert.equal(partOf(call, 0.95), undefined);
  });

  it("ends after whole names and numbers only", () => {
    assert.equal(partOf(line(["items", 0.9], [".re", 0.9], ["duce", 0.1], ["();", 1])), "items");
    assert.equal(partOf(line(["1000", 0.9], ["000", 0.1], [";", 1])), undefined);
  });

  it("leaves nothing open", () => {
    assert.equal(partOf(line(["items", 0.9], ["(", 0.9], ["first", 0.9], [", ", 0.1], ["b);", 1])), "items");
    assert.equal(partOf(line(['"', 0.9], ["hello", 0.9], [' world"', 0.1], [";", 1])), undefined);
  });

  it("may close what is open at the cursor", () => {
    const at = cursorBetween("const total = sum(", ")\n", facts);
    assert.equal(partOf(line(["items", 0.9], [")", 0.9], [".first", 0.1], [";", 1]), 0.5, at), "items)");
  });

  it("does not end in what asks for more", () => {
    assert.equal(partOf(line(["items", 0.9], [" +", 0.9], [" other", 0.1], [";", 1])), "items");
    assert.equal(partOf(line(["await", 0.9], [" other", 0.1], [";", 1])), undefined);
  });

  it("is neither the whole line nor too short to be worth it", () => {
    assert.equal(partOf(line(["items", 0.9])), undefined);
    assert.equal(partOf(line(["abc", 0.9], [".", 0.1], ["d", 1])), undefined);
  });

  it("begins after what healing has rolled back", () => {
    const { score, ...healed } = line(["items", 0.9], [".all", 0.1]);
    const ends = [-2, 5, 9];
    assert.equal(partOf({ ...healed, score: { ...score, tokens: [0, ...score.tokens], ends } }), "items");
  });

  it("is not known without the ends of the tokens", () => {
    assert.equal(partOf({ ...call, score: { tokens: call.score.tokens, end: 0 } }), undefined);
    assert.equal(partOf({ ...call, score: { tokens: [], end: -Infinity } }), undefined);
  });

  it("stays while it is typed along, in real code", () => {
    const random = seededRandom(7);
    const text = readFileSync(path.resolve("test/fixtures/typing/completer.ts.txt"), "utf8");
    let typedAlong = 0;
    for (let round = 0; round < 600; round++) {
      const start = Math.floor(random() * (text.length - 100));
      const rest = /.*/.exec(text.slice(start))?.[0].trimEnd() ?? "";
      const tokens = Array.from(rest.matchAll(/\s?[\p{L}_]{1,6}|\s?./gu), ([token]) => [token, 0.95] as const);
      const at = cursorBetween(text.slice(0, start), text.slice(start + rest.length), facts);
      const shown = postprocess(partOf(line(...tokens), 0.3 + 0.6 * random(), at) ?? "", at);
      if (!shown || shown.replaces > 0) continue;
      assert.ok(rest.startsWith(shown.text) && shown.closers === "", shown.text);
      for (let length = 1; length < shown.text.length; length++) {
        const typed = shown.text.slice(0, length);
        const left = postprocess(shown.text.slice(length), cursorBetween(at.before + typed, at.after, facts), typed);
        assert.equal(left?.text, shown.text.slice(length), `${shown.text} after ${typed}`);
        typedAlong++;
      }
    }
    assert.ok(typedAlong > 1000, `${typedAlong} characters`);
  });
});
