import * as vscode from "vscode";
import { inlineSwitch } from "./inlineSwitch";

interface MenuItem extends vscode.QuickPickItem {
  readonly run?: () => Thenable<unknown>;
}

/** Shows what can be done with a click on the status bar item. */
export async function showMenu(status: string): Promise<void> {
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  const items: MenuItem[] = [
    {
      label: inlineSwitch.enabled
        ? "$(circle-slash) Turn Off Inline Completions"
        : "$(check) Turn On Inline Completions",
      run: () => inlineSwitch.toggle(),
    },
    ...(languageId === undefined ? [] : [languageItem(languageId)]),
    separator("Use"),
    { label: "$(edit) Generate", run: command("gpt2.generate") },
    { label: "$(graph) Open Diagnostics", run: command("gpt2.openDiagnostics") },
    separator("Engine"),
    { label: "$(file-binary) Select Model…", run: command("gpt2.selectModel") },
    { label: "$(debug-restart) Restart Engine", run: command("gpt2.restartEngine") },
    { label: "$(output) Show Log", run: command("gpt2.showLog") },
    { label: "$(gear) Settings", run: command("workbench.action.openSettings", "gpt2.") },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: "GPT-2", placeHolder: status });
  await chosen?.run?.();
}

function languageItem(languageId: string): MenuItem {
  return {
    label: inlineSwitch.enabledFor(languageId)
      ? `$(circle-slash) Turn Off for ${languageId}`
      : `$(check) Turn On for ${languageId}`,
    run: () => inlineSwitch.toggleLanguage(languageId),
  };
}

function separator(label: string): MenuItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function command(id: string, ...parameters: unknown[]): () => Thenable<unknown> {
  return () => vscode.commands.executeCommand(id, ...parameters);
}
