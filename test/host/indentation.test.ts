import { assert } from "chai";
import * as vscode from "vscode";
import { commit, Oracle } from "./oracle";
import { Scratch } from "./scratch";
import { pause } from "./support";

interface Case {
  readonly title: string;
  /** Value of the setting `[typescript]`. */
  readonly override?: Readonly<Record<string, unknown>>;
  readonly document: string;
  /** What the model writes after `document`; its indentation is not the editor's. */
  readonly model: string;
  readonly accepted: string;
}

const cases: readonly Case[] = [
  {
    title: "tabs, by the file",
    document: "function f() {\n\tif (a) {\n\t\tb();\n\t}\n\t",
    model: "for (const c of d) {\n        e();\n    }",
    accepted: "for (const c of d) {\n\t\te();\n\t}",
  },
  {
    title: "two spaces, by the file",
    document: "function f() {\n  if (a) {\n    b();\n  }\n  ",
    model: "for (const c of d) {\n\t\te();\n\t}",
    accepted: "for (const c of d) {\n    e();\n  }",
  },
  {
    title: "tabs, by the language's setting",
    override: { "editor.detectIndentation": false, "editor.insertSpaces": false, "editor.tabSize": 8 },
    document: "\t",
    model: "for (const c of d) {\n                e();\n        }",
    accepted: "for (const c of d) {\n\t\te();\n\t}",
  },
  {
    title: "three spaces, by the language's setting",
    override: { "editor.detectIndentation": false, "editor.insertSpaces": true, "editor.tabSize": 3 },
    document: "   ",
    model: "for (const c of d) {\n\t\te();\n\t}",
    accepted: "for (const c of d) {\n      e();\n   }",
  },
];

describe("a suggestion is indented as the editor indents:", () => {
  const scratch = new Scratch();
  let oracle: Oracle;
  const setOverride = (value: Case["override"]) =>
    vscode.workspace.getConfiguration().update("[typescript]", value, vscode.ConfigurationTarget.Global);

  beforeEach(async () => {
    oracle = new Oracle();
    await scratch.set({ "inlineCompletions.languages": { "*": false } });
  });
  afterEach(async () => {
    oracle.dispose();
    await setOverride(undefined);
    await scratch.undo();
  });

  for (const [index, { title, override, document, model, accepted }] of cases.entries()) {
    it(title, async () => {
      await setOverride(override);
      // The editor detects the indentation of a file once, and may remember a file that was closed.
      const uri = await scratch.file(`indented${index}.ts`, document);
      const editor = await vscode.window.showTextDocument(uri);
      const { end } = editor.document.lineAt(editor.document.lineCount - 1).range;
      editor.selection = new vscode.Selection(end, end);
      oracle.text = document + model;
      await pause(100);
      await oracle.show();
      await commit();
      assert.equal(editor.document.getText(), document + accepted);
    });
  }
});
