import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { hunksOf } from "../../eval/gitHistory";
import { History } from "../../eval/history";

describe("hunks of a diff without context", () => {
  it("are the lines that were added, and where the former text goes on", () => {
    const diff = "@@ -3 +3,2 @@ f() {\n-a\n+b\n+c\n@@ -9,0 +11 @@\n+d\n@@ -20,2 +22,0 @@\n-e\n-f\n@@ -0,0 +1,4 @@\n";
    assert.deepEqual(hunksOf(diff), [
      { oldEnd: 3, start: 2, end: 4 },
      { oldEnd: 9, start: 10, end: 11 },
      { oldEnd: 21, start: 22, end: 22 },
      { oldEnd: 0, start: 0, end: 4 },
    ]);
  });
});

describe("the history of a git repository", () => {
  let folder: string;
  let history: History;

  const git = (...args: string[]) => {
    const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    execFileSync("git", ["-C", folder, ...identity, ...args], { stdio: "pipe" });
  };
  const commit = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    git("add", "--all");
    git("commit", "--quiet", "--message", "x");
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "history-"));
    git("init", "--quiet");
    commit({ "a.ts": "first();\nlast();\n", "b.ts": "const former = compute(one);\n", "c.md": "text\n" });
    commit({ "a.ts": "first();\nconst added = compute(two);\nlast();\n", "b.ts": "const later = compute(three);\n" });
    commit({ "d.py": "x = compute(four)\n" });
    history = await History.read(folder, 2, 1);
  });
  after(() => rmSync(folder, { recursive: true }));

  it("has places in the added lines, before what the former text goes on with", () => {
    const lines = history.draw(100, 1, ({ kind }) => kind === "new line");
    assert.deepEqual(
      lines.map(({ file, prefix, wanted, suffix }) => [file.path, prefix, wanted, suffix]),
      [
        ["a.ts", "first();\n", "const added = compute(two);", "\nlast();\n"],
        ["b.ts", "", "const later = compute(three);", "\n"],
        ["d.py", "", "x = compute(four)", "\n"],
      ],
    );
    const inside = history.draw(100, 1, ({ kind }) => kind !== "new line");
    assert.equal(inside.length, 3);
    for (const { prefix, wanted, file } of inside) assert.ok(file.text.startsWith(prefix + wanted));
  });

  it("looks lines up in the state before the commit, in any order", () => {
    const [a, b, d] = history.files;
    const rests = (file = a) =>
      file
        ? history
            .find(file, "repository", "x = compute(", "")
            .map(({ rest }) => rest)
            .sort()
        : [];
    assert.deepEqual(rests(a), ["one);"]);
    assert.deepEqual(rests(b), []);
    assert.deepEqual(rests(d), ["three);", "two);"]);
    assert.deepEqual(rests(a), ["one);"]);
  });

  it("says so when there is nothing to replay", async () => {
    await assert.rejects(History.read(folder, 0, 1), /no commit before its last one/);
    assert.throws(() => new History("r", { start: new Map(), commits: [[]] }, 1), RangeError);
  });
});
