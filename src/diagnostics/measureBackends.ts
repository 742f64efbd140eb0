import * as vscode from "vscode";
import type { DiagnosticsDependencies } from "./dependencies";

/** Measures all backends that can run the model, and says why where that fails. */
export async function measureBackends({
  backend,
  choice,
}: Pick<DiagnosticsDependencies, "backend" | "choice">): Promise<void> {
  try {
    // The local engine may not be running.
    await backend.inspection?.describe();
    if (choice.measuring || (await choice.measureAll())) return;
    void vscode.window.showInformationMessage(
      vscode.l10n.t("The backends were not measured, because the engine was needed for something else. Try again."),
    );
  } catch (error) {
    void vscode.window.showErrorMessage(vscode.l10n.t("The backends could not be measured: {0}", String(error)));
  }
}
