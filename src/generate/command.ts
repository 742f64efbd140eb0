import * as vscode from "vscode";
import type { CompletionBackend, TextRequest, TimedText } from "../backend/backend";
import { EngineStoppedError } from "../engine/errors";
import { ModelFileError } from "../formats/errors";
import { DocumentWriter } from "./documentWriter";
import { readSource, type GenerateSource } from "./source";

export interface GenerateDependencies {
  readonly backend: CompletionBackend;
  readonly log: vscode.LogOutputChannel;
}

/** What a keybinding may pass to `gpt2.generate`. */
export interface GenerateArguments {
  readonly prompt?: string;
}

/** Registers the command GPT-2: Generate, and its entry in the editor's context menu. */
export function registerGenerate(dependencies: GenerateDependencies): vscode.Disposable {
  const run = (given?: GenerateArguments) =>
    runGenerate(typeof given?.prompt === "string" ? given.prompt : undefined, dependencies);
  return vscode.Disposable.from(
    vscode.commands.registerCommand("gpt2.generate", run),
    vscode.commands.registerCommand("gpt2.generateFromSelection", () => run()),
  );
}

async function runGenerate(prompt: string | undefined, dependencies: GenerateDependencies): Promise<void> {
  const { backend, log } = dependencies;
  const source = await readSource(prompt);
  if (!source) return;
  const failedBefore = hasFailed(backend);
  try {
    await generateWithProgress(source, dependencies);
  } catch (error) {
    if (error instanceof EngineStoppedError) {
      log.info("The engine was restarted while GPT-2: Generate was running.");
      return;
    }
    log.error("GPT-2: Generate failed.", error instanceof Error ? error : String(error));
    // The status bar item reports a failure of the whole backend, once.
    if (failedBefore || !hasFailed(backend)) void showFailure(error);
  }
}

function hasFailed({ state }: CompletionBackend): boolean {
  return state.kind === "failed";
}

function generateWithProgress(source: GenerateSource, dependencies: GenerateDependencies): Thenable<void> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("GPT-2"), cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      const cancelled = token.onCancellationRequested(() => stop.abort());
      try {
        await generate(source, dependencies, stop.signal, (message) => progress.report({ message }));
      } finally {
        cancelled.dispose();
      }
    },
  );
}

async function generate(
  source: GenerateSource,
  { backend, log }: GenerateDependencies,
  stop: AbortSignal,
  report: (message: string) => void,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration("gpt2.generate");
  // Created before the model opens: it follows the end of the selection while the document is edited meanwhile.
  const intoDocument = settings.get<string>("target", "newEditor") === "afterSelection" ? source.selection : undefined;
  using selectionWriter = intoDocument && writeAfter(intoDocument);
  if (backend.state.kind !== "ready") report(vscode.l10n.t("Loading the model…"));
  await backend.describe();
  if (stop.aborted) return;
  const request: TextRequest = {
    prompt: source.header + source.prompt,
    maxTokens: settings.get("maxTokens", 200),
    sampling: {
      temperature: settings.get("temperature", 0.8),
      topK: settings.get("topK", 40),
      topP: settings.get("topP", 0.95),
      seed: Math.floor(Math.random() * 2 ** 32),
    },
  };
  using writer = selectionWriter ?? (await openNewEditor(source));
  report(vscode.l10n.t("Generating…"));
  const result = await backend.generate(request, {
    signal: AbortSignal.any([stop, writer.signal]),
    onText: (text) => writer.write(text),
  });
  writer.write(result.text);
  await writer.finish();
  log.info(summary(request, result));
}

/** A writer at the end of a selection. The cursor moves there, so that typing does not replace the selected prompt. */
function writeAfter({ document, end }: NonNullable<GenerateSource["selection"]>): DocumentWriter {
  const position = document.positionAt(end);
  for (const editor of vscode.window.visibleTextEditors) {
    if (editor.document === document) editor.selection = new vscode.Selection(position, position);
  }
  return new DocumentWriter(document, end);
}

/** A writer at the end of a new editor that contains the prompt. */
async function openNewEditor({ prompt, languageId }: GenerateSource): Promise<DocumentWriter> {
  const document = await vscode.workspace.openTextDocument({ language: languageId, content: prompt });
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const end = document.getText().length;
  const position = document.positionAt(end);
  editor.selection = new vscode.Selection(position, position);
  return new DocumentWriter(document, end);
}

function summary({ sampling }: TextRequest, { timings, finish }: TimedText): string {
  const speed = timings.decodeMs > 0 ? (timings.newTokens / timings.decodeMs) * 1000 : 0;
  return (
    `Generated ${timings.newTokens} tokens in ${Math.round(timings.totalMs)} ms (${speed.toFixed(1)} tokens/s), ` +
    `temperature ${sampling.temperature}, seed ${sampling.seed}, ended by ${finish}.`
  );
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
