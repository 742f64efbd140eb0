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

  it("registers every command that the manifest promises", async () => {
    const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
    const manifest = extension?.packageJSON as { contributes: { commands: { command: string }[] } };
    const registered = new Set(await vscode.commands.getCommands());
    const lacking = manifest.contributes.commands.map(({ command }) => command).filter((it) => !registered.has(it));
    assert.deepEqual(lacking, []);
  });
});
