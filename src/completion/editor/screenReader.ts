import * as vscode from "vscode";

/** A screen reader announces every ghost text: with one, there is ghost text only after a pause of so many milliseconds. */
const pauseMs = 1000;

/**
 * Milliseconds to wait after a keystroke on behalf of a screen reader. The editor tells extensions about one that it was set or switched to
 * with `editor.accessibilitySupport`, not about one that it has detected.
 */
export function screenReaderPause(document: vscode.TextDocument): number {
  const support = vscode.workspace.getConfiguration("editor", document).get<string>("accessibilitySupport");
  return support === "on" ? pauseMs : 0;
}
