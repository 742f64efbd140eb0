import * as vscode from "vscode";
import type { CompletionBackend } from "../backend/backend";
import type { ModelHub } from "./hub";
import type { ModelLibrary } from "./library";
import { manageModels } from "./manageModels";
import { selectModel } from "./selectModel";
import { askForToken } from "./token";
import { reportWordProblems } from "./wordSettings";

export interface ModelsDependencies {
  readonly library: ModelLibrary;
  readonly hub: ModelHub;
  readonly backend: CompletionBackend;
  readonly log: vscode.LogOutputChannel;
  /** Stores the recent models. */
  readonly memory: vscode.Memento;
}

/** Registers the commands that select and manage models, and restarts the engine when the settings ask for another model. */
export function registerModels({ library, hub, backend, log, memory }: ModelsDependencies): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("gpt2.selectModel", () => selectModel(library, memory)),
    vscode.commands.registerCommand("gpt2.manageModels", () => manageModels({ library, hub, memory })),
    vscode.commands.registerCommand("gpt2.setHuggingFaceToken", () => askForToken(hub)),
    reportWordProblems(log),
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
