import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readSourceFiles } from "../../eval/files";
import { fitLogistic, solve } from "../../eval/ranker/regression";
import { probabilityOf } from "../../../src/completion/core/ranking/ranker";
import { Repositories } from "../../eval/workspace";

const lines = Array.from({ length: 8 }, (_, i) => `export const settingNumber${i} = readSetting("number ${i}");`);
const file = (path: string, text: string, repo = "r") => ({ repo, path, lang: "typescript", text });
const own = file("own.ts", `${lines.join("\n")}\n`);
const copy = file("copy.ts", `${lines.slice(0, 7).join("\n")}\nexport const other = 1;\n`);
const far = file("far.ts", 'const settingNumber7 = readSetting("far");\n');
const stranger = file("stranger.ts", own.text, "another");

describe("the workspaces of the evaluation", () => {
  const prefix = `${lines.slice(0, 6).join("\n")}\nexport const settingNumber6 = `;
  const find = (mode: "none" | "repository" | "distant") =>
    new Repositories([own, copy, far, stranger]).find(own, mode, prefix, "\n").map(({ uri, rest }) => [uri, rest]);

  it("find lines in the other files of the repository, near-copies included", () => {
    assert.deepEqual(find("repository")[0], ["copy.ts", 'readSetting("number 6");']);
  });

  it("leave near-copies out when they are to be distant", () => {
    const found = find("distant");
    assert.ok(found.length > 0 && found.every(([uri]) => uri !== "copy.ts"), JSON.stringify(found));
  });

  it("never have the line itself, nor other repositories", () => {
    for (const [uri, rest] of find("repository")) {
      assert.notEqual(uri, "stranger.ts");
      assert.ok(uri !== "own.ts" || rest !== 'readSetting("number 6");');
    }
    assert.deepEqual(find("none"), []);
  });

  it("are as they were after a search", () => {
    const repositories = new Repositories([own, copy, far]);
    const first = repositories.find(own, "distant", prefix, "\n");
    assert.deepEqual(repositories.find(own, "distant", prefix, "\n"), first);
    assert.equal(repositories.find(own, "repository", prefix, "\n")[0]?.uri, "copy.ts");
  });
});

describe("the files of an evaluation", () => {
  it("are those of a folder in the languages that are evaluated, without what is ignored or generated", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "gpt2-eval-"));
    try {
      await mkdir(path.join(folder, "src"));
      await writeFile(path.join(folder, ".gitignore"), "ignored.ts\n");
      await writeFile(path.join(folder, "src", "a.ts"), "const a = 1;\r\n");
      await writeFile(path.join(folder, "src", "b.py"), "b = 1\n");
      await writeFile(path.join(folder, "ignored.ts"), "const ignored = 1;\n");
      await writeFile(path.join(folder, "long.js"), `const long = "${"x".repeat(2000)}";\n`);
      await writeFile(path.join(folder, "notes.md"), "# Notes\n");
      const files = await readSourceFiles(folder);
      const found = files.map(({ path: file, lang, text }) => [file, lang, text]).sort();
      assert.deepEqual(found, [
        ["src/a.ts", "typescript", "const a = 1;\n"],
        ["src/b.py", "python", "b = 1\n"],
      ]);
      assert.equal(files[0]?.repo, path.basename(folder));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the ranker's regression", () => {
  it("solves linear equations", () => {
    const [x = 0, y = 0] = solve(
      [
        [0, 2],
        [3, 1],
      ],
      [4, 5],
    );
    assert.ok(Math.abs(x - 1) < 1e-12 && Math.abs(y - 2) < 1e-12);
  });

  it("gives probabilities that match how often samples are right", () => {
    const samples = Array.from({ length: 4000 }, (_, i) => {
      const feature = (i % 40) / 40;
      // Right in 10 % to 90 % of the cases, more often the larger the feature.
      return { features: [feature, 3], right: (Math.floor(i / 40) * 37) % 100 < 10 + 80 * feature };
    });
    const fitted = fitLogistic(samples);
    assert.ok(Math.abs(probabilityOf([0, 3], fitted) - 0.12) < 0.06);
    assert.ok(Math.abs(probabilityOf([0.5, 3], fitted) - 0.5) < 0.03);
    assert.ok(Math.abs(probabilityOf([0.975, 3], fitted) - 0.87) < 0.06);
  });
});
