import * as vscode from "vscode";
import type { Cursor } from "../core/cursor";
import type { Suggestion } from "../core/postprocess/index";

/** Runs after an item was accepted; its argument is an {@link AcceptedCompletion}. */
export const acceptedCommand = "gpt2.onAccepted";

/** A suggestion that was accepted. */
export interface AcceptedCompletion {
  /** URI of its document. */
  readonly document: string;
  /** With the document's line ends. */
  readonly text: string;
  /** How many characters after the cursor it replaces. */
  readonly replaces: number;
  /** What is to be put after the cursor. */
  readonly closers: string;
}

/**
 * The item begins with the last letter that was typed, or with what the suggest widget's item replaces. The editor keeps the ghost text
 * while that letter is deleted and typed again; when more than the letter is deleted, the item's start moves, and the editor drops it:
 * nothing that was deleted comes back as a suggestion.
 */
export function itemFor(
  { text, replaces, closers }: Suggestion,
  { linePrefix }: Cursor,
  document: vscode.TextDocument,
  position: vscode.Position,
  selected: vscode.SelectedCompletionInfo | undefined,
): vscode.InlineCompletionItem {
  const typed = selected?.text ?? lastLetter(linePrefix);
  const start = selected?.range.start ?? position.translate(0, -typed.length);
  const insertText = document.eol === vscode.EndOfLine.CRLF ? text.replaceAll("\n", "\r\n") : text;
  const accepted: AcceptedCompletion = { document: document.uri.toString(), text: insertText, replaces, closers };
  return new vscode.InlineCompletionItem(
    // A snippet could put the closers after the cursor, but the editor accepts no part of one: `AcceptedClosers` does.
    typed + insertText,
    new vscode.Range(start, position.translate(0, replaces)),
    {
      command: acceptedCommand,
      title: vscode.l10n.t("Suggestion accepted"),
      arguments: [accepted],
    },
  );
}

/** The last letter of a line's part before the cursor. The line's first one does not count: its start stays when the line is deleted. */
function lastLetter(linePrefix: string): string {
  return linePrefix.length > 1 && /\w$/.test(linePrefix) ? linePrefix.slice(-1) : "";
}
