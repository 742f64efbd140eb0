import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { accept, parseGoldenFile, suggestionFor } from "./goldenCase";

const folder = path.resolve("test/golden/postprocess");

/** Post-processing, case by case, as test/golden/postprocess describes it. */
describe("golden files of the post-processing", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".txt"));
  let cases = 0;
  for (const file of files) {
    describe(path.basename(file, ".txt"), () => {
      for (const golden of parseGoldenFile(readFileSync(path.join(folder, file), "utf8"))) {
        cases++;
        it(`${golden.title} (${golden.languageId})`, () => {
          const suggestion = suggestionFor(golden);
          assert.equal(suggestion?.text, golden.suggestion);
          assert.equal(suggestion && accept(golden.cursor, suggestion), golden.accepted);
        });
      }
    });
  }

  it("are at least 150 cases", () => assert.ok(cases >= 150, `${cases} cases`));
});
