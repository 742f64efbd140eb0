import { assert } from "chai";
import * as vscode from "vscode";
import { accept, PATIENCE } from "./typing";

describe("activation", () => {
  it("happens by itself once the editor has started", async () => {
    const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
    assert.isDefined(extension, "the extension is not installed");
    const deadline = Date.now() + PATIENCE;
    while (!extension.isActive && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.isTrue(extension.isActive, "the extension is not active");
  });

  it("opens files from the walkthrough where completions are on, one of them with a suggestion", async () => {
    const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
    const manifest = extension?.packageJSON as {
      contributes: { walkthroughs: { steps: { description: string }[] }[] };
    };
    const first = manifest.contributes.walkthroughs[0]?.steps[0]?.description ?? "";
    const commands = [...first.matchAll(/\(command:([^?)]+)\??([^)]*)\)/g)];
    assert.deepEqual(
      commands.map(([, command]) => command),
      ["gpt2.openSample", "workbench.action.files.newUntitledFile"],
    );
    for (const [, command = "", argument = ""] of commands) {
      const given: unknown[] = argument === "" ? [] : [JSON.parse(decodeURIComponent(argument))];
      await vscode.commands.executeCommand(command, ...given);
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.languageId, "typescript");
      if (command === "gpt2.openSample" && editor) {
        const { selection } = editor;
        assert.isTrue(await accept(editor.document, PATIENCE), "no suggestion came in the sample file");
        const accepted = editor.document.getText(new vscode.Range(selection.active, editor.selection.active));
        assert.match(accepted, /items/);
      }
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    }
  });

  it("registers every command that the manifest promises", async () => {
    const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
    const manifest = extension?.packageJSON as { contributes: { commands: { command: string }[] } };
    const registered = new Set(await vscode.commands.getCommands());
    const lacking = manifest.contributes.commands.map(({ command }) => command).filter((it) => !registered.has(it));
    assert.deepEqual(lacking, []);
  });
});
