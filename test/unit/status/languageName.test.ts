import assert from "node:assert/strict";
import { languageName } from "../../../src/status/languageName";

describe("languageName", () => {
  const manifests = [
    {},
    { contributes: { languages: [{ id: "typescript" }, { id: "python", aliases: [] }] } },
    { contributes: { languages: [{ id: "typescript", aliases: ["TypeScript", "ts"] }] } },
  ];

  it("is the first alias that an extension declares", () => {
    assert.equal(languageName("typescript", manifests), "TypeScript");
  });

  it("is the identifier of a language that nobody names", () => {
    assert.equal(languageName("python", manifests), "python");
    assert.equal(languageName("klingon", manifests), "klingon");
  });
});
