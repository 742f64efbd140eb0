import * as vscode from "vscode";
import { documentSelector } from "../core/selector";
import { readSettings, settingsSection } from "../core/settings";

/** Registers a provider for the languages that are on, and again when the settings change. */
export class Registration implements vscode.Disposable {
  readonly #provider: vscode.InlineCompletionItemProvider;
  readonly #subscriptions: readonly vscode.Disposable[];
  #selector = "";
  #registered: vscode.Disposable | undefined;

  constructor(provider: vscode.InlineCompletionItemProvider) {
    this.#provider = provider;
    const update = () => this.#update();
    this.#subscriptions = [
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(settingsSection)) update();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(update),
    ];
    update();
  }

  dispose(): void {
    this.#registered?.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update(): void {
    const scopes = [undefined, ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
    const settings = scopes.map((scope) => readSettings(vscode.workspace.getConfiguration(settingsSection, scope)));
    const selector = documentSelector(settings);
    const key = JSON.stringify(selector);
    if (key === this.#selector) return;
    this.#selector = key;
    this.#registered?.dispose();
    this.#registered = vscode.languages.registerInlineCompletionItemProvider([...selector], this.#provider);
  }
}
