import * as vscode from "vscode";
import { type AdapterRule, adapterRules, rulesForPath } from "../core/adapters";
import { fileOf } from "./notebookCell";

/** The entries of `gpt2.adapters`. */
export function readAdapterRules(): readonly AdapterRule[] {
  return adapterRules(vscode.workspace.getConfiguration("gpt2").get("adapters"));
}

/** The entries of `gpt2.adapters` for documents where this one is. */
export function adapterRulesFor(document: vscode.TextDocument): readonly AdapterRule[] {
  const rules = readAdapterRules();
  if (rules.length === 0) return rules;
  const file = fileOf(document);
  const isInWorkspace = vscode.workspace.getWorkspaceFolder(file) !== undefined;
  const relative = isInWorkspace ? vscode.workspace.asRelativePath(file, false) : undefined;
  return rulesForPath(rules, { absolute: file.scheme === "file" ? file.fsPath : file.path, relative });
}
