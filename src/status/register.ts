import * as vscode from "vscode";
import type { EngineClient } from "../engine/client";
import { inlineSwitch } from "./inlineSwitch";
import { showMenu } from "./menu";
import { StatusItem, type WorkspaceSource } from "./statusItem";

export interface StatusDependencies {
  readonly engine: EngineClient;
  readonly workspace: WorkspaceSource;
  readonly log: vscode.LogOutputChannel;
}

/** Shows the status bar item and registers its commands: the menu, the switch, the log, and the engine's restart. */
export function registerStatus({ engine, workspace, log }: StatusDependencies): vscode.Disposable {
  const item = new StatusItem(engine, workspace);
  return vscode.Disposable.from(
    item,
    vscode.commands.registerCommand("gpt2.showMenu", () => showMenu(item.view.lines[0] ?? "")),
    vscode.commands.registerCommand("gpt2.toggleInlineCompletions", () => inlineSwitch.toggle()),
    vscode.commands.registerCommand("gpt2.showLog", () => log.show()),
    vscode.commands.registerCommand("gpt2.restartEngine", async () => {
      log.info("The engine is restarted.");
      await engine.restart();
      // Whoever asks for a restart wants to see whether it works now. A failure is the status bar item's to tell.
      await engine.describe().catch(() => undefined);
    }),
  );
}
