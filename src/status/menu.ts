import * as vscode from "vscode";
import { actionsIn, type ActionGroup, type StatusAction } from "./actions";
import { inlineSwitch } from "./inlineSwitch";
import { languageName } from "./languageName";
import type { StatusView } from "./view";

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

/** Shows what can be done with a click on the status bar item: first what helps in its state. */
export async function showMenu({ state, lines }: StatusView): Promise<void> {
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  const languageOn = languageId === undefined ? undefined : inlineSwitch.stateFor(languageId) === "on";
  const items = actionsIn(state, languageOn).flatMap(({ title, actions }) => [
    separator(titleOf(title)),
    ...actions.map((action) => itemFor(action, languageId ?? "")),
  ]);
  const chosen = await vscode.window.showQuickPick(items, { title: "GPT-2", placeHolder: lines[0] ?? "" });
  await chosen?.run?.();
}

function titleOf(title: ActionGroup["title"]): string {
  const { l10n } = vscode;
  switch (title) {
    case "now":
      return l10n.t("Now");
    case "suggestions":
      return l10n.t("Suggestions");
    case "use":
      return l10n.t("Use");
    case "engine":
      return l10n.t("Engine");
  }
}

function itemFor(action: StatusAction, languageId: string): MenuItem {
  const { l10n } = vscode;
  switch (action) {
    case "turnOff":
      return item("circle-slash", l10n.t("Turn Off Inline Completions"), () => inlineSwitch.toggle());
    case "turnOn":
      return item("check", l10n.t("Turn On Inline Completions"), () => inlineSwitch.toggle());
    case "turnOffForLanguage": {
      const label = l10n.t("Turn Off for {0}", nameOfLanguage(languageId));
      return item("circle-slash", label, () => inlineSwitch.toggleLanguage(languageId));
    }
    case "turnOnForLanguage": {
      const label = l10n.t("Turn On for {0}", nameOfLanguage(languageId));
      return item("check", label, () => inlineSwitch.toggleLanguage(languageId));
    }
    case "snooze":
      return item("bell-slash", l10n.t("Snooze…"), command("gpt2.snooze"));
    case "resume":
      return item("bell", l10n.t("Resume"), command("gpt2.resume"));
    case "changeBatterySetting":
      return item("gear", l10n.t("Change What Is Paused on Battery"), openSettings("gpt2.onBattery"));
    case "generate":
      return item("edit", l10n.t("Generate…"), command("gpt2.generate"));
    case "openDiagnostics":
      return item("graph", l10n.t("Open Diagnostics"), command("gpt2.openDiagnostics"));
    case "showStatistics":
      return item("pulse", l10n.t("Show Statistics"), command("gpt2.showStatistics"));
    case "selectModel":
      return item("file-binary", l10n.t("Select Model…"), command("gpt2.selectModel"));
    case "manageModels":
      return item("cloud-download", l10n.t("Manage Models…"), command("gpt2.manageModels"));
    case "restartEngine":
      return item("debug-restart", l10n.t("Restart Engine"), command("gpt2.restartEngine"));
    case "showLog":
      return item("output", l10n.t("Show Log"), command("gpt2.showLog"));
    case "openSettings":
      return item("gear", l10n.t("Settings"), openSettings("gpt2."));
  }
}

/** The icon is not part of the label, so that screen readers do not read its name. */
function item(icon: string, label: string, run: () => Thenable<unknown>): MenuItem {
  return { label, iconPath: new vscode.ThemeIcon(icon), run };
}

function separator(label: string): MenuItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function command(id: string): () => Thenable<unknown> {
  return () => vscode.commands.executeCommand(id);
}

function openSettings(query: string): () => Thenable<unknown> {
  return () => vscode.commands.executeCommand("workbench.action.openSettings", query);
}
