import * as vscode from "vscode";
import { ModelFileError } from "../formats/errors";
import { modelFileNames, neededFiles } from "../formats/modelFolder";

/** A model that is there, before anything of it is read. */
export interface FoundModel {
  /** A file or folder name. */
  readonly name: string;
  /** The weights file, or the folder with the model's files. */
  readonly uri: vscode.Uri;
  readonly files: readonly { readonly name: string; readonly uri: vscode.Uri }[];
}

/**
 * Looks for a model at a file or in a folder.
 * @param remedy what to do when there is none
 * @throws ModelFileError saying what was looked for and what to do.
 */
export async function findModel(uri: vscode.Uri, remedy: string): Promise<FoundModel> {
  const name = baseName(uri);
  if (await isFolder(uri, remedy)) {
    const names = modelFileNames(await fileNames(uri));
    if (names.length > 0) return found(name, uri, uri, names);
    throw new ModelFileError(`There is no model in the folder “${shownPath(uri)}”. ${neededFiles()} ${remedy}`);
  }
  const folder = vscode.Uri.joinPath(uri, "..");
  return found(name, uri, folder, modelFileNames(await fileNames(folder), name));
}

/** A path as the person would write it. */
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
    throw new ModelFileError(`There is no model at “${shownPath(uri)}”. ${remedy}`);
  }
}

/** The files in a folder, without its folders. */
async function fileNames(folder: vscode.Uri): Promise<string[]> {
  const entries = await vscode.workspace.fs.readDirectory(folder);
  return entries.filter(([, type]) => (type & vscode.FileType.Directory) === 0).map(([name]) => name);
}
