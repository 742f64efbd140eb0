import assert from "node:assert/strict";
import { FolderRules } from "../../../../../src/completion/core/workspace/folderRules";

/** The rules of a folder with these `.gitignore` files, by the path of their folder. */
function rulesOf(files: Readonly<Record<string, string>>): FolderRules {
  const read = (path: string) => {
    const content = files[path.replace(/\.gitignore$/, "")];
    return content === undefined ? Promise.reject(new Error(path)) : Promise.resolve(new TextEncoder().encode(content));
  };
  return new FolderRules({ read }, []);
}

describe("which files of a folder are ignored", () => {
  const rules = rulesOf({ "": "dist/\n*.log\n", "src/": "generated.ts\n!keep.log\n" });
  const ignored = (path: string) => rules.ignores(path);

  it("goes by the .gitignore files above a file, the nearest first", async () => {
    assert.ok(await ignored("a.log"));
    assert.ok(await ignored("src/generated.ts"));
    assert.ok(!(await ignored("generated.ts")));
    assert.ok(!(await ignored("src/keep.log")));
    assert.ok(!(await ignored("src/a.ts")));
  });

  it("is true of everything in an ignored folder", async () => {
    assert.ok(await ignored("dist/a.ts"));
    assert.ok(await ignored("dist/deep/src/a.ts"));
  });

  it("does not depend on what kind of file it is, as reading for the index does", async () => {
    assert.ok(!(await ignored("notes/analysis.ipynb")));
    assert.ok(!(await rules.admits("notes/analysis.ipynb")));
    assert.ok(await ignored("dist/analysis.ipynb"));
  });
});
