import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import manifest from "../../../package.json";

const documents = [
  "README.md",
  "src/README.md",
  ".github/CONTRIBUTING.md",
  "src/gpt2/verification/checkpoints/README.md",
  "test/eval/README.md",
  "test/bench/README.md",
];

/** Paths below the repository, below src/, or beside the document. */
function exists(file: string, document: string): boolean {
  return [".", "src", path.dirname(document)].some((folder) => existsSync(path.join(folder, file)));
}

/** What stands between backticks and looks like a path: with a slash, or with the ending of a source file or document. */
function pathsIn(text: string): string[] {
  const code = Array.from(text.matchAll(/`([^`\s]+)`/g), ([, content = ""]) => content);
  return code.filter((content) => /^[\w.][\w.-]*(\/[\w.-]+)*\/?$/.test(content) && /\/|\.(ts|mjs|md)$/.test(content));
}

/** Targets of Markdown links to files. */
function linksIn(text: string): string[] {
  return Array.from(text.matchAll(/\]\(([^)#]+)\)/g), ([, target = ""]) => target).filter(
    (target) => !/^\w+:/.test(target),
  );
}

describe("the documents for people who change the code", () => {
  for (const document of documents) {
    const text = readFileSync(document, "utf8");

    it(`${document} names only files and folders that exist`, () => {
      const missing = [...pathsIn(text), ...linksIn(text)].filter((file) => !exists(file, document));
      assert.deepEqual(missing, []);
    });

    it(`${document} names only npm scripts that exist`, () => {
      const scripts = Array.from(text.matchAll(/npm run (?:--silent )?([\w:-]+)/g), ([, script = ""]) => script);
      assert.deepEqual(
        scripts.filter((script) => !(script in manifest.scripts)),
        [],
      );
    });
  }

  it("src/README.md lists the modules in the order in which imports are allowed", () => {
    const rows = Array.from(
      readFileSync("src/README.md", "utf8").matchAll(/^\| `([\w/]+)\/`/gm),
      ([, folder]) => folder,
    );
    const rules = readFileSync(".config/importDirection.mjs", "utf8");
    const modules = Array.from(rules.matchAll(/\{ folder: "([^"]+)"/g), ([, folder]) => folder);
    assert.ok(modules.length > 10);
    assert.deepEqual(
      rows.filter((row) => modules.includes(row)),
      modules,
    );
  });

  it("finds the paths in a text", () => {
    const text =
      "`src/a.ts`, `b/`, `esbuild.mjs`, `forward`, `npm test`, `[S, D]`, `gpt2.model` and [c](../c.md), [d](https://d.e/f.md)";
    assert.deepEqual(pathsIn(text), ["src/a.ts", "b/", "esbuild.mjs"]);
    assert.deepEqual(linksIn(text), ["../c.md"]);
  });
});
