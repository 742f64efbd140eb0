import { assert } from "chai";
import { cursorBetween } from "../../../../src/completion/core/cursor";
import { workspaceBlock } from "../../../../src/completion/core/ranking/block";
import { lineCandidates, workspaceLines } from "../../../../src/completion/core/ranking/lineCandidates";
import { renamedLines } from "../../../../src/completion/core/ranking/renaming";
import { surroundingsOf } from "../../../../src/completion/core/ranking/surroundings";
import type { WorkspaceMatch } from "../../../../src/completion/core/workspace/types";

/** A match at `|` in a document. */
function matchIn(document: string): WorkspaceMatch {
  const [preceding = "", after = ""] = document.split("|");
  const [rest = "", ...lines] = after.split("\n");
  return {
    ...{ uri: "file:///b.ts", line: 3, offset: 40, matchLength: 6, rest, preceding },
    ...{ nextLine: lines[0] ?? "", following: lines.map((line) => `${line}\n`).join("") },
    ...{ sameFile: false, recency: 0, occurrences: 1 },
  };
}

/** The lines at `|` in `here` that are renamed from those at `|` in each of `there`. */
function renamed(here: string, ...there: readonly string[]): string[] {
  const [before = "", after = ""] = here.split("|");
  const lines = workspaceLines(there.map(matchIn));
  return renamedLines(lines, surroundingsOf({ before, after })).map(({ text }) => text);
}

describe("renamed lines", () => {
  it("have the names that stand around the cursor in the place of theirs", () => {
    assert.deepEqual(renamed("const order = find(1);\nsave(|", "const user = find(1);\nsave(|user, now());"), [
      "order, now());",
    ]);
    assert.deepEqual(renamed("save(|\nclose(order);", "save(|user);\nclose(user);"), ["order);"]);
  });

  it("have other names replaced in the words that differ", () => {
    const there = "saveUser(id);\nfor (const |user of UserStore.users) USER_COUNT++;";
    assert.deepEqual(renamed("saveOrder(id);\nfor (const |", there), ["order of OrderStore.orders) ORDER_COUNT++;"]);
    assert.deepEqual(renamed("get_HTTPBody(a);\nf(|", "get_HTTPHead(a);\nf(|Head, heading, HTTP);"), [
      "Body, bodying, HTTP);",
    ]);
  });

  it("have numbers replaced, and no name for a number", () => {
    assert.deepEqual(renamed("port = 81\nopen(|", "port = 80\nopen(|80, 443)"), ["81, 443)"]);
    assert.deepEqual(renamed("port = main\nopen(|", "port = 80\nopen(|80, 443)"), []);
  });

  it("keep names beyond the first sign that differs", () => {
    assert.deepEqual(renamed("order.x; a(b);\nsave(|", "user[x]; a(b);\nsave(|user);"), []);
  });

  it("are not what the workspace has already, nor twice", () => {
    const there = "a = user;\nsave(|user);";
    assert.deepEqual(renamed("a = order;\nsave(|", there, "b.c = 1;\nsave(|order);"), []);
    assert.deepEqual(renamed("a = order;\nsave(|", there, "a = item;\nsave(|item);"), ["order);"]);
  });

  it("treat signs of a replacement as text", () => {
    assert.deepEqual(renamed("a$$Order();\nf(|", "a$$User();\nf(|User, $1);"), ["Order, $1);"]);
    assert.deepEqual(renamed("save$Two(x);\nf(|", "saveOne(x);\nf(|aOne);"), ["a$Two);"]);
  });

  it("are candidates beside the lines that they come from, and go on in the same names", () => {
    const indentation = { insertSpaces: true, tabSize: 2 };
    const facts = { document: "file:///a.ts", path: "a.ts", languageId: "typescript", indentation };
    const cursor = cursorBetween("  const order = find(id);\n  save(", "\n", facts);
    const match = matchIn("  const user = find(id);\n  save(|user);\n  close(user);\n");
    const lines = lineCandidates("", [match], cursor);
    assert.deepEqual(
      lines.map(({ text, isRenamed = false }) => [text, isRenamed]),
      [
        ["user);", false],
        ["order);", true],
      ],
    );
    const [, line] = lines;
    assert.ok(line);
    const ranked = { ...line, probability: 0.9, score: { tokens: [-0.1], end: -0.1 } };
    assert.equal(workspaceBlock(ranked, cursor, 0.2)?.text, "order);\n  close(order);");
  });
});
