import * as vscode from "vscode";
import { inlineSwitch } from "./inlineSwitch";
import { languageName } from "./languageName";

interface MenuItem extends vscode.QuickPickItem {
  readonly run?: () => Thenable<unknown>;
}

/** The name of a language in the editor. */
export function nameOfLanguage(languageId: string): string {
  return languageName(
    languageId,
    vscode.extensions.all.map(({ packageJSON }): unknown => packageJSON),
  );
}

/** Shows what can be done with a click on the status bar item. */
export async function showMenu(status: string): Promise<void> {
  const { l10n } = vscode;
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  const items: MenuItem[] = [
    {
      label: inlineSwitch.enabled
        ? `$(circle-slash) ${l10n.t("Turn Off Inline Completions")}`
        : `$(check) ${l10n.t("Turn On Inline Completions")}`,
      run: () => inlineSwitch.toggle(),
    },
    ...(languageId === undefined ? [] : [languageItem(languageId)]),
    separator(l10n.t("Use")),
    { label: `$(edit) ${l10n.t("Generate")}`, run: command("gpt2.generate") },
    { label: `$(graph) ${l10n.t("Open Diagnostics")}`, run: command("gpt2.openDiagnostics") },
    separator(l10n.t("Engine")),
    { label: `$(file-binary) ${l10n.t("Select Model…")}`, run: command("gpt2.selectModel") },
    { label: `$(debug-restart) ${l10n.t("Restart Engine")}`, run: command("gpt2.restartEngine") },
    { label: `$(output) ${l10n.t("Show Log")}`, run: command("gpt2.showLog") },
    { label: `$(gear) ${l10n.t("Settings")}`, run: command("workbench.action.openSettings", "gpt2.") },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: "GPT-2", placeHolder: status });
  await chosen?.run?.();
}

function languageItem(languageId: string): MenuItem {
  const name = nameOfLanguage(languageId);
  return {
    label:
      inlineSwitch.stateFor(languageId) === "on"
        ? `$(circle-slash) ${vscode.l10n.t("Turn Off for {0}", name)}`
        : `$(check) ${vscode.l10n.t("Turn On for {0}", name)}`,
    run: () => inlineSwitch.toggleLanguage(languageId),
  };
}

function separator(label: string): MenuItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function command(id: string, ...parameters: unknown[]): () => Thenable<unknown> {
  return () => vscode.commands.executeCommand(id, ...parameters);
}
