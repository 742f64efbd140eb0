import * as vscode from "vscode";
import type { BackendDescription, CompletionBackend, TextTimings } from "../backend/backend";
import { ModelFileError } from "../formats/errors";
import { inlineSwitch } from "./inlineSwitch";
import { nameOfLanguage } from "./menu";
import { statusView, type StatusView, type WorkspaceInput } from "./view";

/** The index of the workspace. */
export interface WorkspaceSource {
  readonly status: WorkspaceInput;
  readonly onDidChangeStatus: vscode.Event<WorkspaceInput>;
}

/** The status bar item: the state of the model, and whether completions are on for the active editor. */
export class StatusItem implements vscode.Disposable {
  readonly #backend: CompletionBackend;
  readonly #workspace: WorkspaceSource;
  readonly #item = vscode.window.createStatusBarItem("gpt2.status", vscode.StatusBarAlignment.Right, 100);
  readonly #subscriptions: vscode.Disposable[];
  readonly #backendSubscriptions: Disposable[];
  #last: TextTimings | undefined;
  #reportedProblem: string | undefined;

  constructor(backend: CompletionBackend, workspace: WorkspaceSource) {
    this.#backend = backend;
    this.#workspace = workspace;
    this.#item.name = "GPT-2";
    this.#item.command = "gpt2.showMenu";
    this.#backendSubscriptions = [
      backend.onDidChangeState((state) => {
        this.#update();
        if (state.kind === "failed") void showFailure(state.error);
        if (state.kind === "ready") this.#reportDraftModel(state.description);
      }),
      backend.onDidFinish((timings) => {
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

  /** What the item shows now. */
  get view(): StatusView {
    const languageId = vscode.window.activeTextEditor?.document.languageId;
    const input = {
      backend: this.#backend.state,
      inline: inlineSwitch.stateFor(languageId),
      language: languageId === undefined ? undefined : nameOfLanguage(languageId),
      last: this.#last,
      workspace: this.#workspace.status,
    };
    return statusView(input, vscode.l10n);
  }

  dispose(): void {
    for (const subscription of this.#backendSubscriptions) subscription[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#item.dispose();
  }

  /** Shows a problem of the draft model once, not at every start of the engine. */
  #reportDraftModel({ localModel }: BackendDescription): void {
    const draftModel = localModel?.draftModel;
    const problem = draftModel?.kind === "unusable" ? draftModel.problem : undefined;
    if (problem !== undefined && problem !== this.#reportedProblem) void showDraftProblem(problem);
    this.#reportedProblem = problem;
  }

  #update(): void {
    const { text, accessibleLabel, warning, lines } = this.view;
    this.#item.text = text;
    this.#item.accessibilityInformation = { label: accessibleLabel, role: "button" };
    this.#item.backgroundColor = warning ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const tooltip = new vscode.MarkdownString();
    // File names are not under our control: they are text, never Markdown.
    lines.forEach((line, i) => tooltip.appendMarkdown(i > 0 ? "\n\n" : "").appendText(line));
    this.#item.tooltip = tooltip;
  }
}

/** The backend stays failed until it is restarted, so this is shown once and not at every keystroke. */
async function showFailure(error: Error): Promise<void> {
  const { l10n } = vscode;
  const noModel = error instanceof ModelFileError;
  const message = noModel
    ? l10n.t("GPT-2 cannot load the model. {0}", error.message)
    : l10n.t("GPT-2 has stopped. {0}", error.message);
  const remedy = noModel ? l10n.t("Select Model…") : l10n.t("Restart Engine");
  const showLog = l10n.t("Show Log");
  const chosen = await vscode.window.showWarningMessage(message, remedy, showLog);
  if (chosen === remedy) await vscode.commands.executeCommand(noModel ? "gpt2.selectModel" : "gpt2.restartEngine");
  if (chosen === showLog) await vscode.commands.executeCommand("gpt2.showLog");
}

async function showDraftProblem(problem: string): Promise<void> {
  const openSetting = vscode.l10n.t("Open Setting");
  const showLog = vscode.l10n.t("Show Log");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t("GPT-2 runs without its draft model. {0}", problem),
    openSetting,
    showLog,
  );
  if (chosen === openSetting) await vscode.commands.executeCommand("workbench.action.openSettings", "gpt2.draftModel");
  if (chosen === showLog) await vscode.commands.executeCommand("gpt2.showLog");
}
