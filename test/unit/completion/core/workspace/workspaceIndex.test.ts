import { assert } from "chai";
import type { WorkspaceMatch } from "../../../../../src/completion/core/workspace/types";
import { WorkspaceIndex } from "../../../../../src/completion/core/workspace/workspaceIndex";
import { seededRandom } from "../../../../../src/generation/sampling/random";
import { naiveMatches, sourceGenerator } from "./support";

const megabyte = 1 << 20;

/** Searches for the text before `|`. */
function find(index: WorkspaceIndex, around: string, uri = "file:///new.ts", limit = 20): WorkspaceMatch[] {
  const [prefix = "", suffix = ""] = around.split("|");
  return index.findNow({ uri, prefix, suffix, limit });
}

function indexOf(files: Readonly<Record<string, string>>, budget = 64 * megabyte): WorkspaceIndex {
  const index = new WorkspaceIndex(budget);
  for (const [uri, text] of Object.entries(files)) index.set(uri, text);
  index.flush();
  return index;
}

const rests = (matches: readonly WorkspaceMatch[]) => matches.map(({ rest }) => rest);

describe("the workspace index", () => {
  it("reports the position, length and lines of a match", () => {
    const index = indexOf({ "file:///a.ts": "let a;\n  const x = f(1, 2);\n\n  return x;\n}\nlast" });
    assert.deepEqual(find(index, "  const x = f(|"), [
      {
        uri: "file:///a.ts",
        line: 1,
        offset: 21,
        matchLength: 14,
        rest: "1, 2);",
        preceding: "let a;\n  const x = f(",
        nextLine: "  return x;",
        following: "\n  return x;\n}\n",
        sameFile: false,
        recency: 0,
        occurrences: 1,
      },
    ]);
  });

  it("finds what a search of every position finds, wherever the cursor stands", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 4; round++) {
      const generate = sourceGenerator(round);
      const files = Object.fromEntries(
        Array.from({ length: 12 }, (_, i) => [`file:///${i}.ts`, generate(10 ** (1 + (i % 4)))]),
      );
      const index = indexOf(files);
      const query = generate(4000);
      for (let place = 0; place < 40; place++) {
        const cut = Math.floor(random() * query.length);
        // A cursor does not stand inside a character.
        const prefix = query.slice(0, /[\uDC00-\uDFFF]/.test(query.charAt(cut)) ? cut - 1 : cut);
        checkAgainstEveryPosition(index, files, prefix);
      }
    }
  });

  it("finds unsaved text, and text after the cursor, but not the cursor's own position", () => {
    const index = indexOf({ "file:///a.ts": "first(alpha);\nsecond(beta);\n" });
    index.open("file:///a.ts", "first(alpha);\r\nsecond(beta);\r\n");
    index.edit("file:///a.ts", [{ offset: 15, length: 6, text: "first(gamma);\r\nfirst" }]);
    const text = "first(alpha);\nfirst(gamma);\nfirst(beta);\n";
    const cursor = text.indexOf("gamma");
    const around = `${text.slice(0, cursor)}|${text.slice(cursor)}`;
    assert.sameMembers(rests(find(index, around, "file:///a.ts")), ["alpha);", "beta);"]);
    index.flush();
    assert.sameMembers(rests(find(index, around, "file:///a.ts")), ["alpha);", "beta);"]);
    assert.isTrue(find(index, around, "file:///a.ts")[0]?.sameFile);
  });

  it("has the disk's text again once a document was closed", () => {
    const index = indexOf({ "file:///a.ts": "open(saved);\n" });
    index.open("file:///a.ts", "open(unsaved);\n");
    index.set("file:///a.ts", "open(ignored);\n");
    assert.deepEqual(rests(find(index, "open(|")), ["unsaved);"]);
    index.close("file:///a.ts");
    assert.deepEqual(rests(find(index, "open(|")), []);
    index.set("file:///a.ts", "open(saved);\n");
    index.flush();
    assert.deepEqual(rests(find(index, "open(|")), ["saved);"]);
  });

  it("follows any sequence of edits, and reads the same text settled or not", () => {
    const random = seededRandom(11);
    const generate = sourceGenerator(3);
    const index = new WorkspaceIndex(8 * megabyte);
    let text = generate(3000);
    index.open("file:///a.ts", text);
    for (let step = 0; step < 200; step++) {
      const offset = Math.floor(random() * text.length);
      const length = Math.floor(random() * 30);
      const added = generate(10).slice(0, Math.floor(random() * 40));
      index.edit("file:///a.ts", [{ offset, length, text: added }]);
      text = text.slice(0, offset) + added + text.slice(offset + length);
      if (step % 5 === 0) index.flush();
      const prefix = text.slice(0, Math.floor(random() * text.length));
      if (isWholeText(text) && isWholeText(prefix)) checkAgainstEveryPosition(index, { "file:///a.ts": text }, prefix);
    }
  });

  it("does not find deleted files, folders and former versions", () => {
    const index = indexOf({
      "file:///a/one.ts": "call(one);\n",
      "file:///a/b/two.ts": "call(two);\n",
      "file:///ab/three.ts": "call(three);\n",
    });
    index.set("file:///ab/three.ts", "call(four);\n");
    assert.sameMembers(rests(find(index, "call(|")), ["one);", "two);", "four);"]);
    index.flush();
    assert.sameMembers(rests(find(index, "call(|")), ["one);", "two);", "four);"]);
    index.delete(["file:///a/b/two.ts"]);
    assert.sameMembers(rests(find(index, "call(|")), ["one);", "four);"]);
    index.delete(["file:///a", "file:///none"]);
    assert.deepEqual(rests(find(index, "call(|")), ["four);"]);
    assert.equal(index.files, 1);
  });

  it("puts longer matches first, then the same next line, the same file and recent files", () => {
    const index = indexOf({
      "file:///a.ts": "  long.call(a);\n",
      "file:///b.ts": "  call(b);\n",
      "file:///c.ts": "  call(c);\n",
      "file:///d.ts": "  call(d);\n  return next;\n",
      "file:///e.ts": "  call(e);\n",
    });
    index.open("file:///c.ts", "  call(c);\n");
    const found = find(index, "\n  call(|)\n\n  return next;\n", "file:///e.ts");
    assert.deepEqual(rests(found), ["d);", "e);", "c);", "b);", "a);"]);
    assert.equal(found[2]?.recency, 1);
    assert.equal(find(index, "long.call(|", "file:///e.ts")[0]?.rest, "a);");
  });

  it("counts equal rests and gives few of them", () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`file:///${i}.ts`, "import fs from 'node:fs';\n"]),
    );
    const index = indexOf({ ...files, "file:///other.ts": "from 'node:path';\n" });
    const found = find(index, "import fs from 'node:|");
    assert.deepEqual(rests(found), ["fs';", "fs';", "fs';", "fs';", "path';"]);
    assert.deepEqual(
      found.map(({ occurrences }) => occurrences),
      [30, 30, 30, 30, 1],
    );
  });

  it("stays within its memory and keeps recent files and those that came first", () => {
    const generate = sourceGenerator(5);
    const budget = 3 * megabyte;
    const index = new WorkspaceIndex(budget);
    index.open("file:///open.ts", "openedFirst(unique);\n");
    const outcomes: string[] = [];
    for (let i = 0; i < 100; i++) {
      outcomes.push(index.set(`file:///${i}.ts`, `file_${i}(unique);\n${generate(30_000)}`));
      while (index.work());
      assert.isAtMost(index.memory, budget);
    }
    const added = outcomes.lastIndexOf("added");
    assert.include(outcomes, "full");
    assert.isAbove(added, 20);
    assert.equal(find(index, "file_3(|")[0]?.rest, "unique);");
    index.open("file:///large.ts", `large(unique);\n${generate(400_000)}`);
    index.flush();
    assert.isAtMost(index.memory, budget);
    assert.equal(find(index, "large(|")[0]?.rest, "unique);");
    assert.equal(find(index, "openedFirst(|")[0]?.rest, "unique);");
    assert.equal(find(index, "file_3(|")[0]?.rest, "unique);");
    assert.notEqual(find(index, `file_${added}(|`)[0]?.matchLength, `file_${added}(`.length);
  });

  it("takes new versions of files when it is full", () => {
    const generate = sourceGenerator(6);
    const budget = 2 * megabyte;
    const index = new WorkspaceIndex(budget);
    for (let i = 0; index.set(`file:///${i}.ts`, generate(20_000)) === "added"; i++) while (index.work());
    const before = index.files;
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < before; i++) {
        assert.equal(index.set(`file:///${i}.ts`, `version_${round}(of${i});\n${generate(18_000)}`), "added");
        while (index.work());
        assert.isAtMost(index.memory, budget);
      }
    }
    assert.equal(index.files, before);
    assert.equal(find(index, "version_1(|")[0]?.matchLength, "version_1(".length);
    assert.notInclude(
      find(index, "version_0(|").map(({ matchLength }) => matchLength),
      "version_0(".length,
    );
  });

  it("gives memory back when its budget shrinks", () => {
    const generate = sourceGenerator(8);
    const index = indexOf(
      Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`file:///${i}.ts`, generate(20_000)])),
    );
    assert.isAbove(index.memory, 2 * megabyte);
    index.budget = megabyte;
    assert.isAtMost(index.memory, megabyte);
    assert.isAbove(index.files, 5);
  });

  it("holds 20 MB of source in 64 MB and finds lines in all of it", () => {
    const generate = sourceGenerator(9);
    const index = new WorkspaceIndex(64 * megabyte);
    let bytes = 0;
    for (let i = 0; bytes < 20e6; i++) {
      const text = `${generate(i % 50 === 0 ? 300_000 : 15_000)}needle_${i}(found);\n`;
      bytes += Buffer.byteLength(text);
      assert.equal(index.set(`file:///${i}.ts`, text), "added");
    }
    index.flush();
    assert.equal(index.bytes, bytes);
    assert.isAtMost(index.memory, 64 * megabyte);
    for (let i = 0; i < index.files; i += 40) {
      assert.equal(find(index, `\nneedle_${i}(|`)[0]?.uri, `file:///${i}.ts`);
    }
  }).timeout(60_000);

  it("leaves out what is no source", () => {
    const index = new WorkspaceIndex(megabyte);
    assert.equal(index.set("file:///image.png", Uint8Array.of(0x89, 0x50, 0, 1)), "unsuitable");
    assert.equal(index.set("file:///min.js", "a".repeat(5000)), "unsuitable");
    assert.equal(index.set("file:///large.ts", "let a;\n".repeat(200_000)), "unsuitable");
    index.open("file:///large.ts", "let a;\n".repeat(200_000));
    assert.equal(index.files, 0);
  });

  it("reads files with a byte order mark, CRLF and other encodings", () => {
    const index = new WorkspaceIndex(megabyte);
    index.set("file:///mark.ts", "\ufeffmarked(1);\r\nnext();\r\n");
    index.set("file:///latin.ts", Buffer.from("caf\u00e9(2);\n", "latin1"));
    index.flush();
    assert.deepEqual(rests(find(index, "marked(|")), ["1);"]);
    assert.equal(find(index, "marked(|")[0]?.nextLine, "next();");
    assert.deepInclude(find(index, "café(|")[0], { rest: "2);", matchLength: 5 });
  });

  it("finds texts before they are sorted, in files of any length", () => {
    const generate = sourceGenerator(4);
    const text = Array.from({ length: 12 }, (_, i) => `${generate(20_000)}needle_${i}(found);\nafter_${i};\n`).join("");
    const index = new WorkspaceIndex(8 * megabyte);
    index.set("file:///a.ts", text);
    const look = () => Array.from({ length: 12 }, (_, i) => find(index, `\nneedle_${i}(|`).slice(0, 1));
    const unsorted = look();
    assert.deepEqual(
      unsorted.map(([match]) => match?.line),
      Array.from({ length: 12 }, (_, i) => text.slice(0, text.indexOf(`needle_${i}(`)).split("\n").length - 1),
    );
    index.flush();
    assert.deepEqual(look(), unsorted);
  });

  it("finds nothing where there is nothing to compare", () => {
    const index = indexOf({ "file:///a.ts": "let a;\n", "file:///empty.ts": "" });
    assert.deepEqual(find(index, "|let"), []);
    assert.deepEqual(find(index, "let |", "file:///b.ts", 0), []);
    assert.deepEqual(find(new WorkspaceIndex(megabyte), "let |"), []);
  });
});

/** Half of a surrogate pair has no place in a file. */
function isWholeText(text: string): boolean {
  return Buffer.from(text).toString() === text;
}

/** Every match is one, and no other rest of a line has a longer match than those that were given. */
function checkAgainstEveryPosition(
  index: WorkspaceIndex,
  files: Readonly<Record<string, string>>,
  prefix: string,
): void {
  const found = index.findNow({ uri: "file:///query.ts", prefix, suffix: "", limit: 12 });
  const given = new Set(rests(found));
  const shortest = found.length < 12 ? 0 : Math.min(...found.map(({ matchLength }) => matchLength));
  const inWord = /[\w$\u0080-\uffff]*$/.exec(prefix)?.[0] ?? "";
  // Inside a long word, only words that begin alike are found.
  const least = Math.max(2, Buffer.byteLength(inWord) > 3 ? Buffer.byteLength(inWord) : 0);
  for (const [uri, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    const matches = naiveMatches(text, prefix);
    for (const { offset, length } of matches) {
      if (length < least) continue;
      const matchLength = [...bytes.subarray(offset - length, offset)].filter((byte) => (byte & 0xc0) !== 0x80).length;
      const rest = (bytes.toString("utf8", offset).split("\n")[0] ?? "").trimEnd();
      if (matchLength > shortest)
        assert.isTrue(given.has(rest), `“${prefix.slice(-30)}” is followed by “${rest}” in ${uri}`);
    }
    for (const match of found.filter((one) => one.uri === uri)) {
      const before = bytes.toString("utf8", 0, match.offset);
      assert.isTrue(matches.some(({ offset }) => offset === match.offset));
      assert.isTrue(prefix.endsWith(before.slice(before.length - match.matchLength)));
      assert.equal(match.line, before.split("\n").length - 1);
      assert.equal(match.rest, (text.slice(before.length).split("\n")[0] ?? "").trimEnd());
    }
  }
}
