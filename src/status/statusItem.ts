import * as vscode from "vscode";
import type { EngineClient } from "../engine/client";
import type { ModelDescription } from "../engine/protocol";
import { ModelFileError } from "../formats/errors";
import type { Timings } from "../generation/request";
import { inlineSwitch } from "./inlineSwitch";
import { statusView, type StatusView, type WorkspaceInput } from "./view";

/** What indexes the workspace. */
export interface WorkspaceSource {
  readonly status: WorkspaceInput;
  readonly onDidChangeStatus: vscode.Event<WorkspaceInput>;
}

/** The one item in the status bar: what the engine does, and whether completions are on where the cursor is. */
export class StatusItem implements vscode.Disposable {
  readonly #engine: EngineClient;
  readonly #workspace: WorkspaceSource;
  readonly #item = vscode.window.createStatusBarItem("gpt2.status", vscode.StatusBarAlignment.Right, 100);
  readonly #subscriptions: vscode.Disposable[];
  readonly #engineSubscriptions: Disposable[];
  #last: Timings | undefined;
  #toldProblem: string | undefined;

  constructor(engine: EngineClient, workspace: WorkspaceSource) {
    this.#engine = engine;
    this.#workspace = workspace;
    this.#item.name = "GPT-2";
    this.#item.command = "gpt2.showMenu";
    this.#engineSubscriptions = [
      engine.onDidChangeState((state) => {
        this.#update();
        if (state.kind === "failed") void tellFailure(state.error);
        if (state.kind === "ready") this.#tellDraftModel(state.model);
      }),
      engine.onDidFinish((timings) => {
        this.#last = timings;
        this.#update();
      }),
    ];
    this.#subscriptions = [
      workspace.onDidChangeStatus(() => this.#update()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#update()),
      vscode.workspace.onDidOpenTextDocument(() => this.#update()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("gpt2.inlineCompletions")) this.#update();
      }),
    ];
    this.#update();
    this.#item.show();
  }

  /** What it shows now. */
  get view(): StatusView {
    const languageId = vscode.window.activeTextEditor?.document.languageId;
    return statusView({
      engine: this.#engine.state,
      enabled: inlineSwitch.enabled,
      languageEnabled: languageId === undefined ? undefined : inlineSwitch.enabledFor(languageId),
      languageId,
      last: this.#last,
      workspace: this.#workspace.status,
    });
  }

  dispose(): void {
    for (const subscription of this.#engineSubscriptions) subscription[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#item.dispose();
  }

  /** A problem of the draft model is told once, not whenever the engine starts again. */
  #tellDraftModel({ draftModel }: ModelDescription): void {
    const problem = draftModel?.kind === "unusable" ? draftModel.problem : undefined;
    if (problem !== undefined && problem !== this.#toldProblem) void tellDraftProblem(problem);
    this.#toldProblem = problem;
  }

  #update(): void {
    const { text, accessibleLabel, warning, lines } = this.view;
    this.#item.text = text;
    this.#item.accessibilityInformation = { label: accessibleLabel, role: "button" };
    this.#item.backgroundColor = warning ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const tooltip = new vscode.MarkdownString();
    // File names come from outside: as text, never as Markdown.
    lines.forEach((line, i) => tooltip.appendMarkdown(i > 0 ? "\n\n" : "").appendText(line));
    this.#item.tooltip = tooltip;
  }
}

/** The engine stays failed until it is restarted, so this is shown once and not with every keystroke. */
async function tellFailure(error: Error): Promise<void> {
  const remedy = error instanceof ModelFileError ? "Select Model…" : "Restart Engine";
  const chosen = await vscode.window.showWarningMessage(`GPT-2 is off. ${error.message}`, remedy, "Show Log");
  if (chosen === "Select Model…") await vscode.commands.executeCommand("gpt2.selectModel");
  if (chosen === "Restart Engine") await vscode.commands.executeCommand("gpt2.restartEngine");
  if (chosen === "Show Log") await vscode.commands.executeCommand("gpt2.showLog");
}

async function tellDraftProblem(problem: string): Promise<void> {
  const chosen = await vscode.window.showWarningMessage(
    `GPT-2 works without its draft model. ${problem}`,
    "Open Setting",
    "Show Log",
  );
  if (chosen === "Open Setting")
    await vscode.commands.executeCommand("workbench.action.openSettings", "gpt2.draftModel");
  if (chosen === "Show Log") await vscode.commands.executeCommand("gpt2.showLog");
}
