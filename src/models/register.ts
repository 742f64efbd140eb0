import * as vscode from "vscode";
import type { CompletionBackend } from "../backend/backend";
import type { ModelLibrary } from "./library";
import { selectModel } from "./selectModel";

export interface ModelsDependencies {
  readonly library: ModelLibrary;
  readonly backend: CompletionBackend;
  readonly log: vscode.LogOutputChannel;
  /** Stores the recent models. */
  readonly memory: vscode.Memento;
}

/** Registers the command GPT-2: Select Model…, and restarts the engine when the settings ask for another model. */
export function registerModels({ library, backend, log, memory }: ModelsDependencies): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("gpt2.selectModel", () => selectModel(library, memory)),
    library.onDidChange(() => {
      // An idle backend opens the new model when it is next needed.
      if (backend.state.kind === "idle") return;
      log.info("The model settings changed; restarting the engine.");
      void backend
        .restart()
        .then(() => backend.describe())
        // The status bar item shows the failed state.
        .catch(() => undefined);
    }),
  );
}
