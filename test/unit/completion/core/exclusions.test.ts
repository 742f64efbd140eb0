import assert from "node:assert/strict";
import {
  exclusionAt,
  isInputBox,
  type ExclusionSettings,
  type Surroundings,
} from "../../../../src/completion/core/exclusions";
import { readSettings } from "../../../../src/completion/core/settings";
import { cursorIn } from "./support";

const file: Surroundings = { inputBox: false, secret: false, gitIgnored: false, deleting: false };
const defaults: ExclusionSettings = readSettings({ get: (_key, fallback) => fallback });

describe("the settings for where to suggest", () => {
  const at = (
    document: string,
    surroundings: Partial<Surroundings>,
    settings: Partial<ExclusionSettings> = {},
    languageId = "typescript",
  ) => exclusionAt(cursorIn(document, { languageId }), { ...file, ...surroundings }, { ...defaults, ...settings });

  it("exclude secrets and input boxes by default, and nothing else", () => {
    assert.equal(at("a|", {}), undefined);
    assert.equal(at("// a|", { gitIgnored: true, deleting: true }), undefined);
    assert.equal(at("a|", { secret: true }), "secret");
    assert.equal(at("a|", { inputBox: true }), "inputBox");
  });

  it("can turn each of them the other way", () => {
    assert.equal(at("a|", { secret: true }, { excludeSecrets: false }), undefined);
    assert.equal(at("a|", { inputBox: true }, { inputBoxes: true }), undefined);
    assert.equal(at("a|", { gitIgnored: true }, { excludeGitIgnore: true }), "gitIgnored");
    assert.equal(at("a|", { deleting: true }, { whileDeleting: false }), "deleting");
  });

  const rows: readonly (readonly [document: string, languageId: string, within: "comment" | "string" | undefined])[] = [
    ["// a |", "typescript", "comment"],
    ["f(); // a |", "typescript", "comment"],
    ["/* a\n * |\n */", "typescript", "comment"],
    ["// a\n|", "typescript", undefined],
    ['f("a |")', "typescript", "string"],
    ["f(`a\n b |`)", "typescript", "string"],
    ["f(`a ${|}`)", "typescript", undefined],
    ["x = 'https://a|'", "typescript", "string"],
    ["# a |", "python", "comment"],
    ['def f():\n    """Adds |\n    """', "python", "string"],
    ["x = f'{|}'", "python", "string"],
    ["-- a |", "lua", "comment"],
    ["<p><!-- a | --></p>", "html", "comment"],
    ["<p><!-- a --> |</p>", "html", undefined],
    ["it's |", "markdown", undefined],
  ];
  for (const [document, languageId, within] of rows) {
    it(`find ${within ?? "code"} in ${JSON.stringify(document)} (${languageId})`, () => {
      const both = { comments: false, strings: false };
      assert.equal(at(document, {}, both, languageId), within);
      assert.equal(at(document, {}, { comments: false }, languageId), within === "comment" ? within : undefined);
      assert.equal(at(document, {}, { strings: false }, languageId), within === "string" ? within : undefined);
    });
  }
});

describe("isInputBox", () => {
  it("knows the fields of the editor's views", () => {
    assert.ok(isInputBox("vscode-scm", "scminput"));
    assert.ok(isInputBox("comment", "markdown"));
    assert.ok(isInputBox("search-editor", "search-result"));
    assert.ok(!isInputBox("file", "markdown"));
    assert.ok(!isInputBox("untitled", "typescript"));
    assert.ok(!isInputBox("vscode-notebook-cell", "python"));
    assert.ok(!isInputBox("vscode-interactive-input", "python"));
  });
});
