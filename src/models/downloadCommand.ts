import * as vscode from "vscode";
import { catalogModel, licenseAddress, licenseName } from "../hub/catalog";
import { DownloadError, SeveralModelsError } from "../hub/errors";
import type { DownloadPlan, DownloadProgress } from "../hub/modelDownload";
import type { ModelReference } from "../hub/repository";
import type { ModelHub } from "./hub";
import { memoryLine, modelName } from "./modelItems";
import { shownBytes, shownSeconds } from "./sizes";
import { precisionSetting } from "./wordSettings";

/** Milliseconds between two updates of the notification. */
const updateMs = 250;

/**
 * Downloads a model after the person has agreed to its license, with a notification that shows the progress and can cancel it. Failures are
 * shown with what can be done about them.
 * @returns what `gpt2.model` calls the model, or undefined when it was not downloaded
 */
export async function downloadWithProgress(hub: ModelHub, reference: ModelReference): Promise<string | undefined> {
  const name = modelName(reference);
  try {
    const plan = await inNotification(vscode.l10n.t("GPT-2: Looking up {0}", name), (signal) =>
      hub.plan(reference, signal),
    );
    if (!(await accepts(hub, plan))) return undefined;
    return await inNotification(vscode.l10n.t("GPT-2: Downloading {0}", name), (signal, report) =>
      hub.download(plan, signal, progressReporter(report)),
    );
  } catch (error) {
    if (error instanceof CancelledError) return undefined;
    if (error instanceof SeveralModelsError) return downloadOneOf(hub, error);
    return showFailure(hub, reference, error);
  }
}

async function downloadOneOf(hub: ModelHub, { repository, files }: SeveralModelsError): Promise<string | undefined> {
  const file = await vscode.window.showQuickPick(files, {
    title: vscode.l10n.t("GPT-2: Download a Model"),
    placeHolder: vscode.l10n.t("{0} has several models. Which one?", repository),
  });
  return file === undefined ? undefined : downloadWithProgress(hub, { repository, file });
}

class CancelledError extends Error {
  override readonly name = "CancelledError";
}

type Report = (value: { readonly message: string; readonly increment?: number }) => void;

async function inNotification<T>(
  title: string,
  action: (signal: AbortSignal, report: Report) => Promise<T>,
): Promise<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      const cancelled = token.onCancellationRequested(() => stop.abort(new CancelledError()));
      try {
        return await action(stop.signal, (value) => progress.report(value));
      } finally {
        cancelled.dispose();
      }
    },
  );
}

/** Turns progress into messages of a notification, a few in a second. */
function progressReporter(report: Report): (progress: DownloadProgress) => void {
  let shownAt = -Infinity;
  let shownPercent = 0;
  return (progress) => {
    if (progress.kind === "receiving" && performance.now() - shownAt < updateMs) return;
    shownAt = performance.now();
    const percent =
      progress.kind === "receiving" ? (100 * progress.bytes) / Math.max(1, progress.totalBytes) : shownPercent;
    report({ message: progressMessage(progress), increment: Math.max(0, percent - shownPercent) });
    shownPercent = percent;
  };
}

function progressMessage(progress: DownloadProgress): string {
  const { l10n } = vscode;
  switch (progress.kind) {
    case "waiting":
      return l10n.t("Another window is downloading it.");
    case "retrying":
      return `${progress.error.message} ${l10n.t("Trying again in {0} s.", Math.ceil(progress.delayMs / 1000))}`;
    case "receiving": {
      const { bytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
      return [
        l10n.t("{0} of {1}", shownBytes(bytes), shownBytes(totalBytes)),
        ...(bytesPerSecond === undefined ? [] : [l10n.t("{0}/s", shownBytes(bytesPerSecond))]),
        ...(secondsLeft === undefined ? [] : [shownSeconds(secondsLeft)]),
      ].join(", ");
    }
  }
}

/** Shows license and size, and asks for consent. */
async function accepts(hub: ModelHub, plan: DownloadPlan): Promise<boolean> {
  const { l10n } = vscode;
  const { license, totalBytes, reference } = plan;
  const config = catalogModel(reference.repository)?.config;
  const shown = licenseName(license) ?? l10n.t("none named; see the model's page");
  const detail = [
    l10n.t("License: {0}", shown),
    l10n.t("Download: {0} from {1}", shownBytes(totalBytes), hub.endpoint.host),
    ...(config ? [memoryLine(config, precisionSetting()).text] : []),
  ].join("\n");
  const accept = l10n.t("Accept License and Download");
  const read = l10n.t("Read License");
  for (;;) {
    const message = l10n.t("Download {0}?", modelName(reference));
    const chosen = await vscode.window.showInformationMessage(message, { modal: true, detail }, accept, read);
    if (chosen !== read) return chosen === accept;
    const page = hub.pageOf(reference.repository).toString(true);
    await vscode.env.openExternal(vscode.Uri.parse(licenseAddress(license, page), true));
  }
}

async function showFailure(hub: ModelHub, reference: ModelReference, error: unknown): Promise<string | undefined> {
  const { l10n } = vscode;
  const message = error instanceof Error ? error.message : String(error);
  const again = l10n.t("Try Again");
  const token = l10n.t("Set Token…");
  const page = l10n.t("Open Model Page");
  const actions = error instanceof DownloadError && error.problem === "access" ? [token, page, again] : [again];
  const chosen = await vscode.window.showErrorMessage(
    l10n.t("{0} was not downloaded. {1}", modelName(reference), message),
    ...actions,
  );
  if (chosen === page) await vscode.env.openExternal(hub.pageOf(reference.repository));
  if (chosen === token && !(await vscode.commands.executeCommand<boolean>("gpt2.setHuggingFaceToken")))
    return undefined;
  return chosen === again || chosen === token ? downloadWithProgress(hub, reference) : undefined;
}
