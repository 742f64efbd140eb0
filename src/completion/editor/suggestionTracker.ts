import * as vscode from "vscode";
import type { Cursor } from "../core/cursor";
import { acceptanceOf, type AcceptanceKind } from "../core/shown/shownSuggestion";
import { ShownSuggestions } from "../core/shown/shownSuggestions";
import type { TypingRhythm } from "../core/timing/typingRhythm";
import { unixLines } from "./unixLines";
import { acceptedCommand, type AcceptedCompletion } from "./item";

/** A suggestion that was accepted, or a part of it. */
export interface Acceptance {
  readonly kind: AcceptanceKind;
  readonly document: vscode.TextDocument;
  /** Where the text begins, in UTF-16 units. */
  readonly offset: number;
  /** As it is in the document. */
  readonly text: string;
  /** What is to be put after the cursor. */
  readonly closers: string;
}

/** A change of a document in one place. */
interface Insertion extends Pick<Acceptance, "document" | "offset" | "text"> {
  /** How many characters it replaced. */
  readonly replaced: number;
}

/** Registers the command that the editor runs when an item was accepted. */
export function registerAcceptance(tracker: SuggestionTracker): vscode.Disposable {
  return vscode.commands.registerCommand(acceptedCommand, (accepted: AcceptedCompletion) => tracker.accepted(accepted));
}

/**
 * Follows what becomes of suggestions, with what the editor's stable API has for it: the answers that it is given, the command of an item that
 * was accepted as a whole, and changes that insert the next word or line of a suggestion.
 */
export class SuggestionTracker implements vscode.Disposable {
  readonly #rhythm: TypingRhythm;
  readonly #shownEmitter = new vscode.EventEmitter<string>();
  readonly #acceptedEmitter = new vscode.EventEmitter<Acceptance>();
  /** A suggestion was shown in a document of this language. */
  readonly onDidShow = this.#shownEmitter.event;
  readonly onDidAccept = this.#acceptedEmitter.event;
  readonly #shown: ShownSuggestions;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  /** Whether an item of the suggest widget was selected: inserting that is no acceptance. */
  #widgetOpen = false;
  #lastInsertion: Insertion | undefined;

  constructor(rhythm: TypingRhythm) {
    this.#rhythm = rhythm;
    this.#shown = new ShownSuggestions({
      onShown: ({ languageId }) => this.#shownEmitter.fire(languageId),
      onEnded: (accepted) => rhythm.ended(accepted, performance.now()),
    });
    this.#subscriptions = [
      this.#shownEmitter,
      this.#acceptedEmitter,
      vscode.workspace.onDidChangeTextDocument((event) => this.#changed(event)),
    ];
  }

  /** The editor was answered. @param text the first suggestion; undefined for none */
  answered(cursor: Cursor, text: string | undefined, selected: vscode.SelectedCompletionInfo | undefined): void {
    this.#widgetOpen = selected !== undefined;
    this.#shown.answered(cursor, text);
  }

  /** All of an item was accepted, or what was left of it: the last change inserted that. */
  accepted(accepted: AcceptedCompletion): void {
    const insertion = this.#lastInsertion;
    this.#lastInsertion = undefined;
    this.#shown.accepted();
    if (insertion?.document.uri.toString() !== accepted.document) return;
    // The change also holds what the item replaced before the cursor: also a word of it that was accepted before, if the editor had no new item yet.
    const before = Math.max(0, insertion.replaced - accepted.replaces);
    const length = Math.min(insertion.text.length - before, accepted.text.length);
    const text = insertion.text.slice(-length);
    if (length <= 0 || !accepted.text.endsWith(text)) return;
    const offset = insertion.offset + insertion.text.length - length;
    this.#acceptedEmitter.fire({
      kind: "whole",
      document: insertion.document,
      offset,
      text,
      closers: accepted.closers,
    });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #changed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const [change] = contentChanges;
    if (!change) return;
    if (document === vscode.window.activeTextEditor?.document) this.#rhythm.edited(performance.now());
    const { rangeOffset: offset, rangeLength: replaced, text } = change;
    this.#lastInsertion = contentChanges.length === 1 ? { document, offset, text, replaced } : undefined;
    const { current } = this.#shown;
    if (!current || !this.#lastInsertion || current.origin.document !== document.uri.toString()) return;
    const isReplacement = replaced > 0 || this.#widgetOpen;
    const kind = isReplacement ? undefined : acceptanceOf(unixLines(text), current.text);
    if (kind === "word" || kind === "line") this.#acceptedEmitter.fire({ kind, document, offset, text, closers: "" });
  }
}
