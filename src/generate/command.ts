import * as vscode from "vscode";
import { ModelFileError } from "../formats/errors";
import type { CompletionBackend, TextRequest, TimedText } from "../backend/backend";
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

/** Registers the command GPT-2: Generate. */
export function registerGenerate(dependencies: GenerateDependencies): vscode.Disposable {
  return vscode.commands.registerCommand("gpt2.generate", async (given?: GenerateArguments) => {
    const source = await readSource(typeof given?.prompt === "string" ? given.prompt : undefined);
    if (!source) return;
    const failedBefore = hasFailed(dependencies.backend);
    try {
      await generateWithProgress(source, dependencies);
    } catch (error) {
      dependencies.log.error("Generate failed.", error instanceof Error ? error : String(error));
      // A failure of the whole engine is told once, by the status bar item.
      if (failedBefore || !hasFailed(dependencies.backend)) void tell(error);
    }
  });
}

function hasFailed(backend: CompletionBackend): boolean {
  return backend.state.kind === "failed";
}

function generateWithProgress(source: GenerateSource, dependencies: GenerateDependencies): Thenable<void> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "GPT-2", cancellable: true },
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
  if (backend.state.kind !== "ready") report("opening the model…");
  await backend.describe();
  if (stop.aborted) return;
  const settings = vscode.workspace.getConfiguration("gpt2.generate");
  const request: TextRequest = {
    prompt: source.prompt,
    maxTokens: settings.get("maxTokens", 200),
    sampling: {
      temperature: settings.get("temperature", 0.8),
      topK: settings.get("topK", 40),
      topP: settings.get("topP", 0.95),
      seed: Math.floor(Math.random() * 2 ** 32),
    },
  };
  const writer = await openTarget(source, settings.get("target", "newEditor"));
  try {
    report("writing…");
    const result = await backend.generate(request, {
      signal: AbortSignal.any([stop, writer.signal]),
      onText: (text) => writer.write(text),
    });
    writer.write(result.text);
    await writer.finish();
    log.info(summary(request, result));
  } finally {
    writer.dispose();
  }
}

/** A writer behind the selection, or at the end of a new editor that holds the prompt. */
async function openTarget(source: GenerateSource, target: string): Promise<DocumentWriter> {
  if (target === "afterSelection" && source.selection) {
    return new DocumentWriter(source.selection.document, source.selection.end);
  }
  const document = await vscode.workspace.openTextDocument({ language: source.languageId, content: source.prompt });
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

async function tell(error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const actions = error instanceof ModelFileError ? ["Select Model…", "Show Log"] : ["Show Log"];
  const chosen = await vscode.window.showErrorMessage(`GPT-2 could not generate. ${message}`, ...actions);
  if (chosen === "Select Model…") await vscode.commands.executeCommand("gpt2.selectModel");
  if (chosen === "Show Log") await vscode.commands.executeCommand("gpt2.showLog");
}
