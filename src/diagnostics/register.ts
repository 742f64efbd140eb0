import * as vscode from "vscode";
import { DiagnosticsPanel, type DiagnosticsDependencies } from "./panel";

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
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand("gpt2.openDiagnostics", () => {
      if (open) {
        open.panel.reveal();
        return;
      }
      const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      adopt(vscode.window.createWebviewPanel(DiagnosticsPanel.viewType, vscode.l10n.t("GPT-2 Diagnostics"), column));
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
