import * as vscode from "vscode";
import { DocumentWriter } from "./documentWriter";
import { type DirectDependencies, generateInto } from "./generateInto";
import { generateSettings } from "./settings";
import type { GenerateSource } from "./source";

/** Continues a text where the setting `gpt2.generate.target` says, with a notification that cancels it. */
export function continueText(source: GenerateSource, dependencies: DirectDependencies): Thenable<void> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("GPT-2"), cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      const cancelled = token.onCancellationRequested(() => stop.abort());
      const intoDocument = generateSettings().target === "afterSelection" ? source.selection : undefined;
      // Created before the model opens: it follows the end of the selection while the document is edited meanwhile.
      using selectionWriter = intoDocument && writeAfter(intoDocument);
      const open = () => selectionWriter ?? openNewEditor(source);
      const report = (message: string) => progress.report({ message });
      try {
        await generateInto({ source, open, stop: stop.signal, report }, dependencies);
      } finally {
        cancelled.dispose();
      }
    },
  );
}

/** A writer at the end of a selection. The cursor moves there, so that typing does not replace the selected prompt. */
function writeAfter({ document, end }: NonNullable<GenerateSource["selection"]>): DocumentWriter {
  const position = document.positionAt(end);
  for (const editor of vscode.window.visibleTextEditors) {
    if (editor.document === document) editor.selection = new vscode.Selection(position, position);
  }
  return new DocumentWriter(document, end);
}

/** A writer at the end of a new editor that contains the prompt. */
async function openNewEditor({ prompt, languageId }: GenerateSource): Promise<DocumentWriter> {
  const document = await vscode.workspace.openTextDocument({ language: languageId, content: prompt });
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const end = document.getText().length;
  const position = document.positionAt(end);
  editor.selection = new vscode.Selection(position, position);
  return new DocumentWriter(document, end);
}
