import { assert } from "chai";
import * as vscode from "vscode";

describe("activation", () => {
  it("happens by itself once the editor has started", async () => {
    const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
    assert.isDefined(extension, "the extension is not installed");
    const deadline = Date.now() + 20_000;
    while (!extension.isActive && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.isTrue(extension.isActive, "the extension is not active");
  });

  it("opens a code file from the walkthrough, where completions are on", async () => {
    const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
    const manifest = extension?.packageJSON as {
      contributes: { walkthroughs: { steps: { description: string }[] }[] };
    };
    const first = manifest.contributes.walkthroughs[0]?.steps[0]?.description ?? "";
    const [, command, argument] = /\(command:(workbench\.[^?)]+)\?([^)]*)\)/.exec(first) ?? [];
    assert.isDefined(command, first);
    await vscode.commands.executeCommand(command, JSON.parse(decodeURIComponent(argument ?? "")));
    assert.equal(vscode.window.activeTextEditor?.document.languageId, "typescript");
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("registers every command that the manifest promises", async () => {
    const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
    const manifest = extension?.packageJSON as { contributes: { commands: { command: string }[] } };
    const registered = new Set(await vscode.commands.getCommands());
    const lacking = manifest.contributes.commands.map(({ command }) => command).filter((it) => !registered.has(it));
    assert.deepEqual(lacking, []);
  });
});
