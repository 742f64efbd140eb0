import * as vscode from "vscode";
import type { CompletionBackend } from "../backend/backend";
import type { EngineClient } from "../engine/client";
import { numberSetting } from "../completion/core/settingValues";

/** Milliseconds without a request after which the model is unloaded. */
export function unloadAfter(): number {
  const minutes = vscode.workspace.getConfiguration("gpt2").get("unloadAfterMinutes");
  return 60_000 * numberSetting(minutes, { min: 0, max: 1440 }, 15);
}

/** Starts the engine with the editor, or as soon as that is wanted, and follows the time after which it is unloaded. */
export function followEngineSettings(
  backend: Pick<CompletionBackend, "describe">,
  engine: Pick<EngineClient, "restartIdleTimer">,
): vscode.Disposable {
  const startIfWanted = () => {
    if (vscode.workspace.getConfiguration("gpt2").get("startEngine") !== "onStartup") return;
    // A failure shows in the status bar item and the log.
    backend.describe().catch(() => undefined);
  };
  startIfWanted();
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration("gpt2.startEngine")) startIfWanted();
    if (event.affectsConfiguration("gpt2.unloadAfterMinutes")) engine.restartIdleTimer();
  });
}
