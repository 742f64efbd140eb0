import type * as vscode from "vscode";
import type { CompletionBackend } from "../backend/backend";
import type { BackendChooser } from "../backend/choice/backendChooser";
import type { LineDecision } from "../completion/core/ranking/suggestLine";
import type { InspectedRequest } from "../generation/inspection/requests";
import type { ModelsPage } from "../models/modelsPage";

/** What the diagnostics panel shows, and what runs its commands. */
export interface DiagnosticsDependencies {
  readonly extensionUri: vscode.Uri;
  readonly backend: CompletionBackend;
  /** The request that a completion at a position would make. */
  readonly requestAt: (document: vscode.TextDocument, position: vscode.Position) => InspectedRequest;
  readonly decisions: DecisionSource;
  readonly models: ModelsSource;
  readonly choice: Pick<BackendChooser, "findings" | "measuring" | "onDidChange" | "measureAll" | "available">;
}

/** The models to choose from. */
export type ModelsSource = Pick<ModelsPage, "view" | "run" | "onDidChange">;

/** How inline completions choose their lines. */
export interface DecisionSource {
  /** Undefined before the first. */
  readonly lastDecision: LineDecision | undefined;
  readonly onDidDecide: vscode.Event<void>;
}
