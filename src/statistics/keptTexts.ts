import * as vscode from "vscode";
import type { Acceptance } from "../completion/editor/suggestionTracker";
import { isKept, shiftRange, type TextRange } from "./textRange";

/** So many texts are followed at once; of more, the first ones count. */
const mostFollowed = 100;

interface FollowedText {
  readonly acceptance: Acceptance;
  readonly languageId: string;
  range: TextRange;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Looks some time after a text was accepted whether it is still there. A document that is closed by then does not count. */
export class KeptTexts implements vscode.Disposable {
  readonly #afterMs: number;
  readonly #onChecked: (languageId: string, isKept: boolean) => void;
  readonly #followed = new Set<FollowedText>();
  readonly #subscription: vscode.Disposable;

  constructor(afterMs: number, onChecked: (languageId: string, isKept: boolean) => void) {
    this.#afterMs = afterMs;
    this.#onChecked = onChecked;
    this.#subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      for (const followed of this.#followed) {
        if (followed.acceptance.document !== document) continue;
        for (const change of contentChanges) followed.range = shiftRange(followed.range, change);
      }
    });
  }

  /** Follows a text from now on. */
  follow(acceptance: Acceptance): void {
    if (this.#followed.size >= mostFollowed) return;
    const { document, offset, text } = acceptance;
    const followed: FollowedText = {
      acceptance,
      languageId: document.languageId,
      range: { start: offset, end: offset + text.length },
      timer: setTimeout(() => this.#check(followed), this.#afterMs),
    };
    this.#followed.add(followed);
  }

  dispose(): void {
    for (const { timer } of this.#followed) clearTimeout(timer);
    this.#followed.clear();
    this.#subscription.dispose();
  }

  #check(followed: FollowedText): void {
    this.#followed.delete(followed);
    const { acceptance, languageId, range } = followed;
    const { document, text } = acceptance;
    if (document.isClosed) return;
    const now = document.getText(new vscode.Range(document.positionAt(range.start), document.positionAt(range.end)));
    this.#onChecked(languageId, isKept(text, now));
  }
}
