import * as vscode from "vscode";
import type { CompletionBackend, TextRequest, TimedText } from "../backend/backend";
import { holdsSecrets } from "../completion/core/secrets";
import type { DocumentWriter } from "./documentWriter";
import type { GenerateHistory } from "./history";
import { directOptions, formFromSettings, generateSettings } from "./settings";
import type { GenerateSource } from "./source";

export interface DirectDependencies {
  readonly backend: CompletionBackend;
  readonly history: GenerateHistory;
  readonly log: vscode.LogOutputChannel;
}

/** A text to generate right into a document, with the person's settings. */
export interface DirectGeneration {
  readonly source: Omit<GenerateSource, "selection">;
  /** Called when the model is open. The writer is disposed at the end. */
  readonly open: () => DocumentWriter | Promise<DocumentWriter>;
  readonly stop: AbortSignal;
  /** Receives what is going on, for a person. */
  readonly report: (message: string) => void;
}

/** Generates a text and writes it into a document as it grows. */
export async function generateInto(
  { source, open, stop, report }: DirectGeneration,
  { backend, history, log }: DirectDependencies,
): Promise<void> {
  if (backend.state.kind !== "ready") report(vscode.l10n.t("Loading the model…"));
  const { name } = await backend.describe();
  if (stop.aborted) return;
  const options = directOptions(generateSettings());
  const { prompt, header, languageId, adapter } = source;
  const request: TextRequest = { prompt: header + prompt, ...(adapter !== "" && { adapter }), ...options };
  using writer = await open();
  report(vscode.l10n.t("Generating…"));
  const result = await backend.generate(request, {
    signal: AbortSignal.any([stop, writer.signal]),
    onText: (text) => writer.write(text),
  });
  writer.write(result.text);
  await writer.finish();
  log.info(summary(request, result));
  if (result.finish === "context") {
    vscode.window.setStatusBarMessage(vscode.l10n.t("GPT-2: the text ends here because the context is full."), 8000);
  }
  if (holdsSecrets(writer.uri.path)) return;
  const form = { ...formFromSettings(), prompt, header, languageId, adapter, seed: options.sampling.seed };
  await history.add({ at: Date.now(), model: name, form, texts: [result.text] });
}

function summary({ sampling }: TextRequest, { timings, finish }: TimedText): string {
  const speed = timings.decodeMs > 0 ? (timings.newTokens / timings.decodeMs) * 1000 : 0;
  return (
    `Generated ${timings.newTokens} tokens in ${Math.round(timings.totalMs)} ms (${speed.toFixed(1)} tokens/s), ` +
    `temperature ${sampling.temperature}, seed ${sampling.seed}, ended by ${finish}.`
  );
}
