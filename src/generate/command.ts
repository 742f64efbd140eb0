import * as vscode from "vscode";
import type { Activity } from "../backend/activity";
import type { CompletionBackend } from "../backend/backend";
import { EngineStoppedError } from "../engine/errors";
import { ModelFileError } from "../formats/errors";
import { continueText } from "./continueText";
import { FormMemory } from "./formMemory";
import { GenerateHere } from "./here";
import { GenerateHistory } from "./history";
import { LastEditor } from "./lastEditor";
import { GeneratePanels } from "./panels";
import { isHistoryOn, onDidChangeGenerateSettings } from "./settings";
import { readSource, selectionOf, type GenerateSource } from "./source";

export interface GenerateDependencies {
  readonly backend: CompletionBackend;
  readonly log: vscode.LogOutputChannel;
  /** Counts the requests that are running. */
  readonly activity: Activity;
  readonly extensionUri: vscode.Uri;
  /** For the form's settings. */
  readonly globalState: vscode.Memento;
  /** For the history and the form's prompt. */
  readonly workspaceState: vscode.Memento;
}

/** What a keybinding may pass to `gpt2.generate`. */
export interface GenerateArguments {
  readonly prompt?: string;
}

/** Registers the commands that generate text, and their entry in the editor's context menu. */
export function registerGenerate(dependencies: GenerateDependencies): vscode.Disposable {
  const { globalState, workspaceState } = dependencies;
  const history = new GenerateHistory(workspaceState, isHistoryOn);
  const memory = new FormMemory({ global: globalState, workspace: workspaceState, keepsPrompt: isHistoryOn });
  const editors = new LastEditor();
  const direct = { ...dependencies, history };
  const panels = new GeneratePanels({ ...dependencies, history, memory, editors });
  const here = new GenerateHere(direct);
  /** What Repeat Last Generation does. */
  let repeat: (() => Promise<void>) | undefined;

  const guarded = (run: () => Thenable<void>) => reportFailure(run, dependencies);
  const runHere = async () => {
    repeat = runHere;
    await guarded(() => here.run());
  };
  const runDirectly = async (given: string | undefined) => {
    const source = await readSource(given);
    if (!source) return;
    const again = async (from: GenerateSource) => {
      repeat = () => again({ ...from, selection: undefined });
      await guarded(() => continueText(from, direct));
    };
    await again(source);
  };
  const openForm = (given?: GenerateArguments) => {
    if (typeof given?.prompt === "string") return runDirectly(given.prompt);
    const { activeTextEditor: editor } = vscode.window;
    const panel = panels.open();
    if (editor && !editor.selection.isEmpty) panel.take(selectionOf(editor));
    return Promise.resolve();
  };
  panels.onDidStart((form) => (repeat = () => panels.open().run(form)));
  const forget = () => void Promise.all([history.settingChanged(), memory.settingChanged()]);
  forget();
  return vscode.Disposable.from(
    editors,
    panels,
    here,
    onDidChangeGenerateSettings(forget),
    vscode.commands.registerCommand("gpt2.generate", openForm),
    vscode.commands.registerCommand("gpt2.generateFromSelection", () => runDirectly(undefined)),
    vscode.commands.registerCommand("gpt2.generateHere", runHere),
    vscode.commands.registerCommand("gpt2.cancelGenerateHere", () => here.cancel()),
    vscode.commands.registerCommand("gpt2.repeatGeneration", async () => {
      const [latest] = history.entries;
      if (repeat) await repeat();
      else if (latest) await panels.open().run(latest.form);
      else void vscode.window.showInformationMessage(vscode.l10n.t("Nothing was generated yet."));
    }),
  );
}

async function reportFailure(
  run: () => Thenable<void>,
  { backend, log, activity }: GenerateDependencies,
): Promise<void> {
  const failedBefore = hasFailed(backend);
  try {
    await activity.during(Promise.resolve(run()));
  } catch (error) {
    if (error instanceof EngineStoppedError) {
      log.info("The engine was restarted while text was generated.");
      return;
    }
    log.error("Generating text failed.", error instanceof Error ? error : String(error));
    // The status bar item reports a failure of the whole backend, once.
    if (failedBefore || !hasFailed(backend)) void showFailure(error);
  }
}

function hasFailed({ state }: CompletionBackend): boolean {
  return state.kind === "failed";
}

async function showFailure(error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const selectModel = vscode.l10n.t("Select Model…");
  const showLog = vscode.l10n.t("Show Log");
  const actions = error instanceof ModelFileError ? [selectModel, showLog] : [showLog];
  const chosen = await vscode.window.showErrorMessage(
    vscode.l10n.t("GPT-2 could not generate text. {0}", message),
    ...actions,
  );
  if (chosen === selectModel) await vscode.commands.executeCommand("gpt2.selectModel");
  if (chosen === showLog) await vscode.commands.executeCommand("gpt2.showLog");
}
