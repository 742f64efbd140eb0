import * as vscode from "vscode";
import type { GenerateForm } from "./form";
import { GeneratePanel, type PanelDependencies } from "./panel";

/** The form's panel: one at most. It is restored after the window was reloaded. */
export class GeneratePanels implements vscode.Disposable {
  readonly #dependencies: PanelDependencies;
  readonly #serializer: vscode.Disposable;
  readonly #started = new vscode.EventEmitter<GenerateForm>();
  #open: { readonly view: vscode.WebviewPanel; readonly panel: GeneratePanel } | undefined;

  /** Fires with the form of each run that is started with one. */
  readonly onDidStart = this.#started.event;

  constructor(dependencies: PanelDependencies) {
    this.#dependencies = dependencies;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(GeneratePanel.viewType, {
      deserializeWebviewPanel: (view) => {
        this.#adopt(view).restore();
        return Promise.resolve();
      },
    });
  }

  /** Opens the panel, or shows the one that is open. */
  open(): GeneratePanel {
    if (this.#open) {
      this.#open.panel.reveal();
      return this.#open.panel;
    }
    const title = vscode.l10n.t("GPT-2 Generate");
    return this.#adopt(vscode.window.createWebviewPanel(GeneratePanel.viewType, title, vscode.ViewColumn.Beside));
  }

  dispose(): void {
    this.#serializer.dispose();
    this.#open?.view.dispose();
    this.#started.dispose();
  }

  #adopt(view: vscode.WebviewPanel): GeneratePanel {
    this.#open?.view.dispose();
    const panel = new GeneratePanel(view, this.#dependencies, (form) => this.#started.fire(form));
    view.onDidDispose(() => {
      panel.dispose();
      if (this.#open?.view === view) this.#open = undefined;
    });
    this.#open = { view, panel };
    return panel;
  }
}
