import * as vscode from "vscode";
import { tabs } from "./protocol";
import type { DiagnosticsDependencies } from "./dependencies";
import { DiagnosticsPanel } from "./panel";

/** Registers the command GPT-2: Open Diagnostics, and restores an open panel after the window was reloaded. */
export function registerDiagnostics(dependencies: DiagnosticsDependencies): vscode.Disposable {
  let open: { readonly view: vscode.WebviewPanel; readonly panel: DiagnosticsPanel } | undefined;

  const adopt = (view: vscode.WebviewPanel) => {
    open?.view.dispose();
    const panel = new DiagnosticsPanel(view, dependencies);
    view.onDidDispose(() => {
      panel.dispose();
      if (open?.view === view) open = undefined;
    });
    open = { view, panel };
    return panel;
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand("gpt2.openDiagnostics", (given?: unknown) => {
      const tab = tabs.find((known) => known === given);
      if (open) {
        open.panel.reveal(tab);
        return;
      }
      const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      const view = vscode.window.createWebviewPanel(
        DiagnosticsPanel.viewType,
        vscode.l10n.t("GPT-2 Diagnostics"),
        column,
      );
      const panel = adopt(view);
      if (tab !== undefined) panel.turnTo(tab);
    }),
    vscode.window.registerWebviewPanelSerializer(DiagnosticsPanel.viewType, {
      deserializeWebviewPanel: (view) => {
        adopt(view);
        return Promise.resolve();
      },
    }),
    new vscode.Disposable(() => void open?.view.dispose()),
  );
}
