import * as vscode from "vscode";
import { ModelFileError } from "../formats/errors";
import { modelFileNames, neededFiles } from "../formats/modelFolder";
import type { ModelSetting } from "./setting";

/** A model that exists, before anything of it is read. */
export interface FoundModel {
  /** A file or folder name. */
  readonly name: string;
  /** The weights file, or the folder with the model's files. */
  readonly uri: vscode.Uri;
  readonly files: readonly { readonly name: string; readonly uri: vscode.Uri }[];
}

/**
 * Finds a model at a file or in a folder.
 * @param remedy what to do when there is none, see {@link remedyFor}
 * @throws ModelFileError saying what is missing and what to do.
 */
export async function findModel(uri: vscode.Uri, remedy: string): Promise<FoundModel> {
  const name = baseName(uri);
  if (await isFolder(uri, remedy)) {
    const names = modelFileNames(await fileNames(uri));
    if (names.length > 0) return found(name, uri, uri, names);
    const missing = vscode.l10n.t("There is no model in the folder “{0}”.", shownPath(uri));
    throw new ModelFileError(`${missing} ${neededFiles()} ${remedy}`);
  }
  const folder = vscode.Uri.joinPath(uri, "..");
  return found(name, uri, folder, modelFileNames(await fileNames(folder), name));
}

/** What to do about a model that cannot be used, by the setting that names it. */
export function remedyFor(setting: ModelSetting): string {
  switch (setting) {
    case "model":
      return vscode.l10n.t("Choose another one with “GPT-2: Select Model…”.");
    case "draftModel":
      return vscode.l10n.t("Change the setting gpt2.draftModel, or leave it empty.");
    case "adapters":
      return vscode.l10n.t("Change the setting gpt2.adapters.");
  }
}

/** A path as a person would write it. */
export function shownPath(uri: vscode.Uri): string {
  return uri.scheme === "file" ? uri.fsPath : uri.toString(true);
}

function found(name: string, uri: vscode.Uri, folder: vscode.Uri, names: readonly string[]): FoundModel {
  return { name, uri, files: names.map((file) => ({ name: file, uri: vscode.Uri.joinPath(folder, file) })) };
}

function baseName(uri: vscode.Uri): string {
  return uri.path.replace(/\/+$/, "").split("/").pop() ?? uri.path;
}

async function isFolder(uri: vscode.Uri, remedy: string): Promise<boolean> {
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    return (type & vscode.FileType.Directory) !== 0;
  } catch {
    throw new ModelFileError(`${vscode.l10n.t("There is no model at “{0}”.", shownPath(uri))} ${remedy}`);
  }
}

/** The files in a folder, without its folders. */
async function fileNames(folder: vscode.Uri): Promise<string[]> {
  const entries = await vscode.workspace.fs.readDirectory(folder);
  return entries.filter(([, type]) => (type & vscode.FileType.Directory) === 0).map(([name]) => name);
}
