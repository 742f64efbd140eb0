import assert from "node:assert/strict";
import { cursorBetween } from "../../../../src/completion/core/cursor";
import { fencedBlockAt } from "../../../../src/completion/core/fencedBlock";
import { buildPrompt } from "../../../../src/completion/core/prompt";
import { suggestPhrase } from "../../../../src/completion/core/ranking/suggestPhrase";
import { readSettings } from "../../../../src/completion/core/settings";
import { stopRule } from "../../../../src/completion/core/stopRule";
import type { ScoreRequest } from "../../../../src/generation/ranking/scoreLines";
import { cursorIn } from "./support";

const settings = readSettings({ get: (_key, fallback) => fallback });

describe("prose", () => {
  it("has no header, so that it does not begin like code", () => {
    assert.equal(buildPrompt(cursorIn("The |", { languageId: "markdown", path: "README.md" })).header, "");
    assert.equal(buildPrompt(cursorIn("The |", { languageId: "plaintext", path: "notes.txt" })).header, "");
  });

  it("is written a line at a time, also below an indented item", () => {
    assert.equal(stopRule(cursorIn("- a\n  |", { languageId: "markdown" }), "auto"), "line");
    assert.equal(stopRule(cursorIn("set {|", { languageId: "plaintext" }), "auto"), "line");
  });

  describe("is suggested as far as the words are likely", () => {
    const cursor = cursorIn("The cache keeps |", { languageId: "markdown" });
    const modelText = "the last results in memory. It is fast.";
    /** Every word has this probability. */
    const suggest = async (probability: number, threshold: number, text = modelText) => {
      const asked: ScoreRequest[] = [];
      const decision = await suggestPhrase({ cursor, settings, modelText: text, threshold }, (request) => {
        asked.push(request);
        const score = (line: string) => line.split(" ").map(() => Math.log(probability));
        return Promise.resolve(request.lines.map((line) => ({ tokens: score(line), end: 0 })));
      });
      return { text: decision?.text, lines: asked.flatMap(({ lines }) => lines) };
    };

    it("the whole sentence when it is certain, or asked for", async () => {
      assert.equal((await suggest(0.99, 0.5)).text, "the last results in memory.");
      assert.equal((await suggest(0.1, 0)).text, "the last results in memory.");
    });
    it("the first words when the others are not", async () => {
      assert.equal((await suggest(0.7, 0.3)).text, "the last results");
      assert.equal((await suggest(0.7, 0.6)).text, "the");
    });
    it("not at all when the first one is not", async () => assert.equal((await suggest(0.3, 0.4)).text, ""));
    it("scored in one step, each beginning once", async () => {
      const { lines } = await suggest(0.5, 0.5);
      assert.deepEqual(lines, [
        "the",
        "the last",
        "the last results",
        "the last results in",
        "the last results in memory.",
      ]);
    });
    it("not at all when nothing is left of the model's text", async () => {
      assert.deepEqual(await suggest(0.9, 0.5, "\n\n"), { text: "", lines: [] });
    });
    it("not decided when scoring was stopped", async () => {
      assert.equal(
        await suggestPhrase({ cursor, settings, modelText, threshold: 0 }, () => Promise.resolve([])),
        undefined,
      );
    });
  });
});

describe("a fenced block in Markdown", () => {
  const blockAt = (document: string) => {
    const [before = "", after = ""] = document.split("|");
    return fencedBlockAt(before, after);
  };

  it("is code of the language that the fence names", () => {
    for (const [name, languageId] of [
      ["ts", "typescript"],
      ["python", "python"],
      ["Bash", "shellscript"],
      ["c++", "cpp"],
      ["go {1,2}", "go"],
      ["unknown", "unknown"],
      ["", ""],
    ]) {
      assert.equal(blockAt(`a\n\`\`\`${name}\nf(|)\n\`\`\`\n`)?.languageId, languageId, name);
    }
  });

  it("is cut out of the document, which stays around it", () => {
    assert.deepEqual(blockAt("# A\n~~~js\nf(|)\ng();\n~~~\nText\n"), {
      languageId: "javascript",
      before: "f(",
      after: ")\ng();",
      around: { above: "# A\n~~~js\n", below: "\n~~~\nText\n" },
    });
  });

  it("goes to the end of a document without a closing fence", () => {
    assert.equal(blockAt("```js\nf(|)\ng();\n")?.after, ")\ng();\n");
  });

  it("is not there on the fences' own lines, and after it", () => {
    assert.equal(blockAt("```js|\nf()\n```\n"), undefined);
    assert.equal(blockAt("```js\nf()\n```\n|"), undefined);
    assert.equal(blockAt("a `b` |"), undefined);
  });

  it("is completed as code after the text of the document", () => {
    const cursor = cursorBetween("Don't:\n\n```py\nif a:\n    ", "\n```\nText\n", {
      document: "file:///a.md",
      path: "a.md",
      languageId: "markdown",
      indentation: { insertSpaces: true, tabSize: 4 },
    });
    assert.equal(cursor.languageId, "python");
    assert.equal(stopRule(cursor, "auto"), "block");
    assert.deepEqual(buildPrompt(cursor), {
      header: "",
      prefix: "Don't:\n\n```py\nif a:\n    ",
      suffix: "\n```\nText\n",
    });
  });
});
