import * as vscode from "vscode";
import type { CompletionRequest } from "../../generation/request";
import { requestAt } from "../core/request";
import { readSettings, settingsSection } from "../core/settings";
import { readCursor } from "./documentContext";

/** The request that a completion at a position of a document would make. */
export function documentRequest(document: vscode.TextDocument, position: vscode.Position): CompletionRequest {
  const settings = readSettings(vscode.workspace.getConfiguration(settingsSection, document));
  return requestAt(readCursor(document, position), settings);
}
