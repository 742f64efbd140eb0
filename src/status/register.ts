import * as vscode from "vscode";
import type { CompletionBackend } from "../backend/backend";
import { inlineSwitch } from "./inlineSwitch";
import { showMenu } from "./menu";
import { StatusItem, type WorkspaceSource } from "./statusItem";

export interface StatusDependencies {
  readonly backend: CompletionBackend;
  readonly workspace: WorkspaceSource;
  readonly log: vscode.LogOutputChannel;
}

/** Shows the status bar item and registers its commands: the menu, the switch, the log, and restarting the engine. */
export function registerStatus({ backend, workspace, log }: StatusDependencies): vscode.Disposable {
  const item = new StatusItem(backend, workspace);
  return vscode.Disposable.from(
    item,
    vscode.commands.registerCommand("gpt2.showMenu", () => showMenu(item.view.lines[0] ?? "")),
    vscode.commands.registerCommand("gpt2.toggleInlineCompletions", () => inlineSwitch.toggle()),
    vscode.commands.registerCommand("gpt2.showLog", () => log.show()),
    vscode.commands.registerCommand("gpt2.restartEngine", async () => {
      log.info("Restarting the engine.");
      await backend.restart();
      // Starting at once shows whether it works now; the status bar item shows a failure.
      await backend.describe().catch(() => undefined);
    }),
  );
}
