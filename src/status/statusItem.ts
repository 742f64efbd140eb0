import * as vscode from "vscode";
import type { Activity } from "../backend/activity";
import type { BackendDescription, CompletionBackend, TextTimings } from "../backend/backend";
import { ModelFileError } from "../formats/errors";
import { affectsWords, wordProblems } from "../models/wordSettings";
import { inlineSwitch } from "./inlineSwitch";
import { Lasting } from "./lasting";
import { nameOfLanguage } from "./menu";
import { statusView, type StatusView, type WorkspaceInput } from "./view";
import type { WorkPauses } from "./workPauses";

/** The index of the workspace. */
export interface WorkspaceSource {
  readonly status: WorkspaceInput;
  readonly onDidChangeStatus: vscode.Event<WorkspaceInput>;
}

export interface StatusSources {
  readonly backend: CompletionBackend;
  readonly workspace: WorkspaceSource;
  readonly pauses: WorkPauses;
  readonly activity: Activity;
}

/** The status bar item: the state of the model, and whether completions are on for the active editor. */
export class StatusItem implements vscode.Disposable {
  readonly #sources: StatusSources;
  readonly #busy = new Lasting<"working" | "indexing">(["working", "indexing"], () => this.#update());
  readonly #item = vscode.window.createStatusBarItem("gpt2.status", vscode.StatusBarAlignment.Right, 100);
  readonly #subscriptions: vscode.Disposable[];
  readonly #backendSubscriptions: Disposable[];
  #last: TextTimings | undefined;
  #reportedProblems: ReadonlySet<string> = new Set();
  /** All extensions are searched for the name of a language. */
  #language: { readonly id: string; readonly name: string } | undefined;
  #shown = "";

  constructor(sources: StatusSources) {
    this.#sources = sources;
    const { backend, workspace, pauses, activity } = sources;
    this.#item.name = "GPT-2";
    this.#item.command = "gpt2.showMenu";
    this.#backendSubscriptions = [
      backend.onDidChangeState((state) => {
        this.#update();
        if (state.kind === "failed") void showFailure(state.error);
        if (state.kind === "ready") this.#reportProblems(state.description);
      }),
      backend.onDidFinish((timings) => {
        this.#last = timings;
        this.#update();
      }),
      activity.onDidChange((busy) => this.#busy.set("working", busy)),
      this.#busy,
    ];
    this.#subscriptions = [
      workspace.onDidChangeStatus(({ state }) => {
        this.#busy.set("indexing", state === "indexing");
        this.#update();
      }),
      pauses.onDidChange(() => this.#update()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#update()),
      vscode.workspace.onDidOpenTextDocument(() => this.#update()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("gpt2.inlineCompletions") || affectsWords(event)) this.#update();
      }),
    ];
    this.#update();
    this.#item.show();
  }

  /** What the item shows now. */
  get view(): StatusView {
    const { backend, workspace, pauses } = this.#sources;
    const languageId = vscode.window.activeTextEditor?.document.languageId;
    const input = {
      backend: backend.state,
      server: backend.server,
      inline: inlineSwitch.stateFor(languageId),
      language: languageId === undefined ? undefined : this.#nameOf(languageId),
      snoozedUntil: pauses.snooze.until,
      pausedOnBattery: pauses.battery.paused,
      busy: this.#busy.current,
      last: this.#last,
      workspace: workspace.status,
      settingProblems: wordProblems(),
    };
    return statusView(input, vscode.l10n);
  }

  dispose(): void {
    for (const subscription of this.#backendSubscriptions) subscription[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#item.dispose();
  }

  /** Shows a problem of the draft model or of the adapters once, not at every start of the engine. */
  #reportProblems({ localModel }: BackendDescription): void {
    const problems = unusedFiles(localModel);
    for (const problem of problems) {
      if (!this.#reportedProblems.has(problem.message)) void showUnused(problem);
    }
    this.#reportedProblems = new Set(problems.map(({ message }) => message));
  }

  #nameOf(languageId: string): string {
    if (this.#language?.id !== languageId) this.#language = { id: languageId, name: nameOfLanguage(languageId) };
    return this.#language.name;
  }

  /** Called after each keystroke: the editor is told only what has changed. */
  #update(): void {
    const { text, accessibleLabel, warning, lines } = this.view;
    const shown = JSON.stringify([text, accessibleLabel, warning, lines]);
    if (shown === this.#shown) return;
    this.#shown = shown;
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

/** A file that a setting names and that the model runs without. */
interface UnusedFile {
  readonly message: string;
  readonly setting: string;
}

function unusedFiles(model: BackendDescription["localModel"]): UnusedFile[] {
  const { l10n } = vscode;
  const draftModel = model?.draftModel;
  const unused = (model?.adapters ?? []).flatMap((adapter) => (adapter.kind === "unusable" ? [adapter] : []));
  return [
    ...(draftModel?.kind === "unusable"
      ? [{ message: l10n.t("GPT-2 runs without its draft model. {0}", draftModel.problem), setting: "gpt2.draftModel" }]
      : []),
    ...unused.map(({ name, problem }) => {
      return { message: l10n.t("GPT-2 runs without the adapter {0}. {1}", name, problem), setting: "gpt2.adapters" };
    }),
  ];
}

async function showUnused({ message, setting }: UnusedFile): Promise<void> {
  const openSetting = vscode.l10n.t("Open Setting");
  const showLog = vscode.l10n.t("Show Log");
  const chosen = await vscode.window.showWarningMessage(message, openSetting, showLog);
  if (chosen === openSetting) await vscode.commands.executeCommand("workbench.action.openSettings", setting);
  if (chosen === showLog) await vscode.commands.executeCommand("gpt2.showLog");
}
