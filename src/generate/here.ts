import * as vscode from "vscode";
import { DocumentWriter } from "./documentWriter";
import { type DirectDependencies, generateInto } from "./generateInto";
import { textBefore } from "./source";

/** What the keybinding of Escape asks for. */
const contextKey = "gpt2.generatingHere";

/** GPT-2: Generate Here: continues at the cursor, into the document. */
export class GenerateHere implements vscode.Disposable {
  readonly #dependencies: DirectDependencies;
  readonly #running = new Set<AbortController>();

  constructor(dependencies: DirectDependencies) {
    this.#dependencies = dependencies;
  }

  /** Continues at the cursor of the active editor, or after its selection. */
  async run(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Open a file to generate text at the cursor."));
      return;
    }
    const { document } = editor;
    const position = editor.selection.end;
    const source = textBefore(document, position);
    // Typing is not to replace what is continued.
    editor.selection = new vscode.Selection(position, position);
    const title = vscode.l10n.t("GPT-2 (Escape cancels)");
    const options = { location: vscode.ProgressLocation.Window, title };
    const stop = new AbortController();
    // Created before the model opens: it follows the cursor while the document is edited meanwhile.
    using writer = new DocumentWriter(document, document.offsetAt(position));
    this.#add(stop);
    try {
      await vscode.window.withProgress(options, (progress) =>
        generateInto(
          { source, open: () => writer, stop: stop.signal, report: (message) => progress.report({ message }) },
          this.#dependencies,
        ),
      );
    } finally {
      this.#delete(stop);
    }
  }

  /** Stops all that run. What they have written stays. */
  cancel(): void {
    for (const stop of this.#running) stop.abort();
  }

  dispose(): void {
    this.cancel();
  }

  #add(stop: AbortController): void {
    this.#running.add(stop);
    void vscode.commands.executeCommand("setContext", contextKey, true);
  }

  #delete(stop: AbortController): void {
    this.#running.delete(stop);
    void vscode.commands.executeCommand("setContext", contextKey, this.#running.size > 0);
  }
}
