import assert from "node:assert/strict";
import { adapterFor, type AdapterRule, adapterRules, rulesForPath } from "../../../../src/completion/core/adapters";
import { cursorBetween } from "../../../../src/completion/core/cursor";
import { requestAt } from "../../../../src/completion/core/request";

describe("the setting for adapters", () => {
  const rules: readonly AdapterRule[] = [
    { path: "sql", languages: ["sql", "mysql"] },
    { path: "tests", folders: ["test", "packages/app/test/"], languages: ["typescript"] },
    { path: "absolute", folders: ["/srv/legacy", "C:\\work\\old"] },
    { path: "rest", folders: ["."] },
  ];
  const chosen = (languageId: string, absolute: string, relative?: string) =>
    adapterFor(rulesForPath(rules, { absolute, relative }), languageId);

  it("chooses the first entry for a document's language and folder", () => {
    assert.equal(chosen("sql", "/w/a.sql", "a.sql"), "sql");
    assert.equal(chosen("sql", "/elsewhere/a.sql"), "sql");
    assert.equal(chosen("typescript", "/w/test/unit/a.ts", "test/unit/a.ts"), "tests");
    assert.equal(chosen("typescript", "/w/packages/app/test/a.ts", "packages/app/test/a.ts"), "tests");
    assert.equal(chosen("typescript", "/w/testing/a.ts", "testing/a.ts"), "rest");
    assert.equal(chosen("python", "/srv/legacy/a.py"), "absolute");
    // With the drive in lower case, as the editor writes it.
    assert.equal(chosen("python", "c:\\work\\old\\a.py"), "absolute");
    assert.equal(chosen("python", "/srv/legacy2/a.py"), undefined);
    assert.equal(chosen("python", "/w/a.py", "a.py"), "rest");
  });

  it("counts everywhere when an entry names neither languages nor folders", () => {
    assert.equal(adapterFor(rulesForPath([{ path: "all" }], { absolute: "/x", relative: undefined }), "any"), "all");
  });

  it("passes over entries that make no sense", () => {
    assert.deepEqual(adapterRules(undefined), []);
    assert.deepEqual(adapterRules({ path: "a" }), []);
    const entries = [null, "a", {}, { path: " " }, { path: 3 }, { path: " a ", languages: "sql", folders: [1] }];
    assert.deepEqual(adapterRules(entries), [{ path: "a" }]);
    assert.deepEqual(adapterRules(rules), rules);
  });

  it("asks in a fenced block of Markdown for the adapter of the block's language", () => {
    const facts = {
      ...{ document: "file:///w/a.md", path: "a.md", indentation: { insertSpaces: true, tabSize: 2 } },
      ...{ languageId: "markdown", adapters: rules.slice(0, 1) },
    };
    const settings = { multiline: "auto", maxTokens: 9, temperature: 0 } as const;
    const adapterAt = (before: string) => requestAt(cursorBetween(before, "\n```\n", facts), settings).adapter;
    assert.equal(adapterAt("# Text\n\n```sql\nselect "), "sql");
    assert.equal(adapterAt("# Text\n\n```python\nimport "), undefined);
    assert.equal(adapterAt("# Text\n\nSome "), undefined);
  });
});
