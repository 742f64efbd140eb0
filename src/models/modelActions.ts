import * as vscode from "vscode";
import { DownloadError } from "../hub/errors";
import type { InstalledModel } from "../hub/installedModels";
import { type ModelReference, parseReference } from "../hub/repository";
import { downloadWithProgress } from "./downloadCommand";
import type { ModelHub } from "./hub";
import type { ModelLibrary } from "./library";
import { type ModelAction, modelName } from "./modelItems";
import { browse, useModel } from "./selectModel";
import { shownBytes } from "./sizes";
import { askForToken } from "./token";

export interface ManageModelsDependencies {
  readonly library: ModelLibrary;
  readonly hub: ModelHub;
  /** Stores the recent models. */
  readonly memory: vscode.Memento;
}

/** Does what an item or a button asks for. */
export async function perform(action: ModelAction, { library, hub, memory }: ManageModelsDependencies): Promise<void> {
  switch (action.kind) {
    case "choose":
      await useModel(library, memory, action.setting);
      break;
    case "browseFile":
    case "browseFolder": {
      const setting = await browse(action.kind === "browseFile" ? "file" : "folder");
      if (setting !== undefined) await useModel(library, memory, setting);
      break;
    }
    case "showPage":
      await vscode.commands.executeCommand("gpt2.openDiagnostics", "models");
      break;
    case "setToken":
      await askForToken(hub);
      break;
    case "otherRepository": {
      const reference = await askForReference();
      if (reference) await downloadAndUse(reference, { library, hub, memory });
      break;
    }
    case "download":
      await downloadAndUse(action, { library, hub, memory });
      break;
  }
}

/** Downloads a model and makes it the active one. */
async function downloadAndUse(
  { repository, file }: ModelReference,
  { library, hub, memory }: ManageModelsDependencies,
): Promise<void> {
  const setting = await downloadWithProgress(hub, { repository, ...(file !== undefined && { file }) });
  if (setting !== undefined) await useModel(library, memory, setting);
}

async function askForReference(): Promise<ModelReference | undefined> {
  const { l10n } = vscode;
  const text = await vscode.window.showInputBox({
    title: l10n.t("GPT-2: Download a Model"),
    prompt: l10n.t("A GPT-2 or GPT-BigCode model: OWNER/NAME, or OWNER/NAME/FILE where there are several"),
    placeHolder: "openai-community/gpt2",
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === "" ? undefined : problemOf(value)),
  });
  return text === undefined || text.trim() === "" ? undefined : parseReference(text);
}

function problemOf(text: string): string | undefined {
  try {
    parseReference(text);
    return undefined;
  } catch (error) {
    return error instanceof DownloadError ? error.message : String(error);
  }
}

/** Shows an error to a person. */
export function showError(error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  void vscode.window.showErrorMessage(vscode.l10n.t("GPT-2: {0}", why));
}

/** Shows a folder in the file manager; where there is none, such as on a server, its path. */
export async function openFolder(folder: string): Promise<void> {
  const isHere = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  if (isHere) {
    await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(folder));
    return;
  }
  const copy = vscode.l10n.t("Copy Path");
  const chosen = await vscode.window.showInformationMessage(vscode.l10n.t("The model is in {0}", folder), copy);
  if (chosen === copy) await vscode.env.clipboard.writeText(folder);
}

/** Deletes a downloaded model if the person agrees. */
export async function deleteAfterQuestion(
  model: InstalledModel,
  { library, hub }: Pick<ManageModelsDependencies, "library" | "hub">,
): Promise<void> {
  const { l10n } = vscode;
  const remove = l10n.t("Delete");
  const message = l10n.t("Delete {0}?", modelName(model));
  const detail = l10n.t("{0} are freed. It can be downloaded again.", shownBytes(model.bytes));
  if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, remove)) !== remove) return;
  try {
    // An open model is closed first: some systems delete no open files.
    if (library.setting === hub.settingOf(model)) await library.choose("");
    await hub.delete(model);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(l10n.t("{0} was not deleted. {1}", modelName(model), why));
  }
}
