import * as vscode from "vscode";

/** A number of bytes for a person. */
export function shownBytes(bytes: number): string {
  if (bytes >= 1e9) return vscode.l10n.t("{0} GB", (bytes / 1e9).toFixed(1));
  return vscode.l10n.t("{0} MB", bytes >= 10e6 ? Math.round(bytes / 1e6) : (bytes / 1e6).toFixed(1));
}

/** A duration for a person. */
export function shownSeconds(seconds: number): string {
  if (seconds < 90) return vscode.l10n.t("{0} s left", Math.ceil(seconds));
  if (seconds < 5400) return vscode.l10n.t("{0} min left", Math.ceil(seconds / 60));
  return vscode.l10n.t("{0} h left", (seconds / 3600).toFixed(1));
}
