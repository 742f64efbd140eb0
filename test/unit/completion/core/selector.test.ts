import assert from "node:assert/strict";
import { documentSelector } from "../../../../src/completion/core/selector";
import { readSettings } from "../../../../src/completion/core/settings";

describe("the documents that the editor asks for", () => {
  const defaults = readSettings({ get: (_key, fallback) => fallback });
  const languages = { "*": false, typescript: true, python: true, markdown: false };

  it("are those of the languages that are on", () => {
    assert.deepEqual(documentSelector([{ languages, inputBoxes: false }]), [
      { language: "typescript" },
      { language: "python" },
    ]);
    assert.ok(documentSelector([defaults]).every(({ language }) => language !== undefined && language !== "markdown"));
  });
  it("are all where every other language is on, too", () => {
    for (const value of [{ "*": true, python: false }, { python: false }, {}]) {
      assert.deepEqual(documentSelector([{ languages: value, inputBoxes: false }]), [{ pattern: "**" }]);
    }
  });
  it("are those of any workspace folder", () => {
    const folders = [{ languages: { "*": false, go: true } }, { languages: { "*": false, go: true, rust: true } }];
    const selector = documentSelector(folders.map((folder) => ({ ...folder, inputBoxes: false })));
    assert.deepEqual(selector, [{ language: "go" }, { language: "rust" }]);
  });
  it("are input boxes when they are on", () => {
    const selector = documentSelector([{ languages, inputBoxes: true }]);
    assert.ok(selector.some(({ scheme }) => scheme === "comment"));
    assert.ok(selector.some(({ language }) => language === "scminput"));
  });
});
