import { openFolderStorage } from "#hub-host";
import type * as vscode from "vscode";
import type { ModelStorage } from "../hub/storage";
import { WorkspaceStorage } from "./workspaceStorage";

/** Keeps downloaded models in a folder: of the file system, or of the editor's where the extension host has none. */
export function modelStorage(folder: vscode.Uri): ModelStorage {
  return openFolderStorage && folder.scheme === "file"
    ? openFolderStorage(folder.fsPath)
    : new WorkspaceStorage(folder);
}
