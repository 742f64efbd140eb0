import * as vscode from "vscode";
import type { EngineClient } from "../engine/client";
import type { ModelLibrary } from "./library";
import { selectModel } from "./selectModel";

export interface ModelsDependencies {
  readonly library: ModelLibrary;
  readonly engine: EngineClient;
  readonly log: vscode.LogOutputChannel;
  /** Where the recent models are remembered. */
  readonly memory: vscode.Memento;
}

/** Registers the command GPT-2: Select Model…, and restarts the engine when the settings ask for another model. */
export function registerModels({ library, engine, log, memory }: ModelsDependencies): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("gpt2.selectModel", () => selectModel(library, memory)),
    library.onDidChange(() => {
      // One that was never started has nothing to give up: it opens the new model when it is first needed.
      if (engine.state.kind === "idle") return;
      log.info("The model's settings changed: the engine is restarted.");
      void engine
        .restart()
        .then(() => engine.describe())
        // The failed state tells it.
        .catch(() => undefined);
    }),
  );
}
