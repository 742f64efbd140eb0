import * as vscode from "vscode";
import { inlineSwitch } from "./inlineSwitch";
import { showMenu } from "./menu";
import { registerSnooze } from "./snooze";
import { StatusItem, type StatusSources } from "./statusItem";

export interface StatusDependencies extends StatusSources {
  readonly log: vscode.LogOutputChannel;
}

/** Shows the status bar item and registers its commands: the menu, the switch, snoozing, the log, and restarting the engine. */
export function registerStatus(dependencies: StatusDependencies): vscode.Disposable {
  const { backend, pauses, log } = dependencies;
  const item = new StatusItem(dependencies);
  return vscode.Disposable.from(
    item,
    registerSnooze(pauses.snooze),
    vscode.commands.registerCommand("gpt2.showMenu", () => showMenu(item.view)),
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
