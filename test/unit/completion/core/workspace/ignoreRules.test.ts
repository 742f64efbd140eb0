import { assert } from "chai";
import { foldersOf, IgnoreRules } from "../../../../../src/completion/core/workspace/ignoreRules";
import { worthReading } from "../../../../../src/completion/core/workspace/worthReading";

describe("ignore rules", () => {
  const ignored = (rules: IgnoreRules, paths: readonly string[]) => paths.filter((path) => rules.ignores(path));

  it("follow the globs of the editor's exclude settings", () => {
    const rules = new IgnoreRules(["**/node_modules", "**/*.{orig,rej}", "out/**", "generated", "**/{a,b{1,2}}.ts"]);
    const paths = [
      "node_modules/",
      "src/node_modules/",
      "x/y.orig",
      "z.rej",
      "out/x.js",
      "generated/",
      "src/b2.ts",
      "a.ts",
    ];
    assert.deepEqual(ignored(rules, paths), paths);
    assert.deepEqual(ignored(rules, ["src/out/x.js", "src/generated/", "src/b.ts", "orig", "src/node_modules.ts"]), []);
  });

  it("follow .gitignore files, the deepest first", () => {
    const rules = new IgnoreRules([]);
    rules.addGitignore("", "*.log\n/dist/\n# comment\nbuild/\n");
    rules.addGitignore("packages/app/", "!keep.log\n/local.ts\n");
    assert.deepEqual(ignored(rules, ["a.log", "packages/b.log", "dist/", "x/build/", "packages/app/local.ts"]), [
      "a.log",
      "packages/b.log",
      "dist/",
      "x/build/",
      "packages/app/local.ts",
    ]);
    assert.deepEqual(
      ignored(rules, ["packages/app/keep.log", "packages/dist/", "local.ts", "packages/app/x/local.ts"]),
      [],
    );
  });

  it("never enter a repository's own folder", () => {
    assert.deepEqual(ignored(new IgnoreRules([]), [".git/", "vendor/.git/", ".github/"]), [".git/", "vendor/.git/"]);
  });

  it("know the folders that a path is in", () => {
    assert.deepEqual(foldersOf("a/b/c.ts"), ["", "a/", "a/b/"]);
    assert.deepEqual(foldersOf("a/b/"), ["", "a/"]);
    assert.deepEqual(foldersOf("c.ts"), [""]);
  });

  it("leave out secrets and files that nobody writes by hand", () => {
    const read = ["src/a.ts", "Makefile", "a.json", "deep/.eslintrc", "README.md", "archive.ts"];
    const unread = [
      "a.png",
      "package-lock.json",
      "yarn.lock",
      "x/app.min.js",
      ".env",
      "keys/server.pem",
      "a.gguf",
      "go.sum",
    ];
    assert.deepEqual([...read, ...unread].filter(worthReading), read);
  });
});
