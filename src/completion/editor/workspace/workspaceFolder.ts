import * as vscode from "vscode";
import type { FolderAccess } from "../../core/workspace/folderAccess";

/** Reads a folder of the workspace, which may be a virtual one. */
export function workspaceFolder(folder: vscode.Uri): FolderAccess {
  return {
    list: async (path) => {
      const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder, path));
      return entries
        .filter(([, type]) => type === vscode.FileType.Directory || type === vscode.FileType.File)
        .map(([name, type]) => ({ name, isFolder: type === vscode.FileType.Directory }));
    },
    read: async (path) => vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, path)),
  };
}

/** The globs that are switched on in the exclude settings of a folder. */
export function excludedIn(folder: vscode.Uri): string[] {
  return [...excludes("files", folder), ...excludes("search", folder)];
}

function excludes(section: "files" | "search", folder: vscode.Uri): string[] {
  const setting = vscode.workspace.getConfiguration(section, folder).get<Readonly<Record<string, unknown>>>("exclude");
  return Object.entries(setting ?? {}).flatMap(([glob, value]) => (value === true ? [glob] : []));
}
