import * as vscode from "vscode";
import { Completer } from "../core/completer";
import { editorOf, readCursor } from "./documentContext";
import type { Cursor } from "../core/cursor";
import type { CompletionEngine } from "../core/engine";
import type { Suggestion } from "../core/postprocess/index";
import { readSettings, type CompletionSettings } from "../core/settings";
import { refusal, type Trigger } from "../core/trigger";

/** Runs after an item was accepted; its argument is an {@link AcceptedCompletion}. */
export const acceptedCommand = "gpt2.onAccepted";

/** What a person took from a suggestion. */
export interface AcceptedCompletion {
  readonly characters: number;
  readonly lines: number;
}

export interface InlineCompletionOptions {
  readonly engine: CompletionEngine;
  /** Hears of every failure. Nothing is thrown at the editor and nothing pops up: typing goes on. */
  readonly onFailure: (error: unknown) => void;
  readonly onAccepted: (accepted: AcceptedCompletion) => void;
  readonly log: { trace(message: string): void };
}

const section = "gpt2.inlineCompletions";

/** Ghost text: connects the editor's requests to a {@link Completer}. */
export class InlineCompletionProvider implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  readonly #options: InlineCompletionOptions;
  readonly #completer: Completer;
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(options: InlineCompletionOptions) {
    this.#options = options;
    this.#completer = new Completer(options);
    this.#subscriptions = [
      vscode.languages.registerInlineCompletionItemProvider({ pattern: "**" }, this),
      vscode.commands.registerCommand(acceptedCommand, options.onAccepted),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(section)) this.reset();
      }),
    ];
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    try {
      const started = performance.now();
      const selected = context.selectedCompletionInfo;
      const settings = readSettings(vscode.workspace.getConfiguration(section, document));
      const cursor = readCursor(document, position, selected);
      if (!cursor || refused(document, cursor, settings, context)) {
        this.#completer.stop();
        return [];
      }
      const suggestions = await this.#suggest(cursor, settings, context, signalOf(token));
      if (suggestions.length === 0 || token.isCancellationRequested) return [];
      const lengths = suggestions.map(({ text }) => text.length).join(", ");
      this.#options.log.trace(`${lengths} characters after ${Math.round(performance.now() - started)} ms.`);
      return suggestions.map((suggestion) => itemFor(suggestion, cursor, document, position, selected));
    } catch (error) {
      this.#options.onFailure(error);
      return [];
    }
  }

  /** One suggestion while a person types, several to choose from for who asks. */
  async #suggest(
    cursor: Cursor,
    settings: CompletionSettings,
    { triggerKind }: vscode.InlineCompletionContext,
    signal: AbortSignal,
  ): Promise<readonly Suggestion[]> {
    if (triggerKind === vscode.InlineCompletionTriggerKind.Invoke) {
      return this.#completer.alternatives(cursor, settings, signal);
    }
    const suggestion = await this.#completer.complete(cursor, settings, signal);
    return suggestion ? [suggestion] : [];
  }

  /** Forgets what was suggested: the model has changed. */
  reset(): void {
    this.#completer.reset();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#completer[Symbol.dispose]();
  }
}

function refused(
  document: vscode.TextDocument,
  { languageId, lineRest }: Cursor,
  { enabled, languages }: CompletionSettings,
  { triggerKind }: vscode.InlineCompletionContext,
): boolean {
  const selections = editorOf(document)?.selections ?? [];
  const trigger: Trigger = triggerKind === vscode.InlineCompletionTriggerKind.Invoke ? "invoked" : "automatic";
  const reason = refusal({
    trigger,
    enabled,
    languages,
    languageId,
    lineRest,
    writable: vscode.workspace.fs.isWritableFileSystem(document.uri.scheme) !== false,
    cursors: selections.length,
    hasSelection: selections.some((selection) => !selection.isEmpty),
  });
  return reason !== undefined;
}

/**
 * The item spans its line from the start, or what the suggest widget's item replaces: a range that holds what was typed lets the editor
 * keep the ghost text when a letter of it is deleted.
 */
function itemFor(
  { text, replaces }: Suggestion,
  { linePrefix }: Cursor,
  document: vscode.TextDocument,
  position: vscode.Position,
  selected: vscode.SelectedCompletionInfo | undefined,
): vscode.InlineCompletionItem {
  const start = selected?.range.start ?? position.with({ character: 0 });
  const typed = selected?.text ?? linePrefix;
  const insertText = document.eol === vscode.EndOfLine.CRLF ? text.replaceAll("\n", "\r\n") : text;
  const accepted: AcceptedCompletion = { characters: text.length, lines: text.split("\n").length };
  return new vscode.InlineCompletionItem(typed + insertText, new vscode.Range(start, position.translate(0, replaces)), {
    command: acceptedCommand,
    title: "Suggestion accepted",
    arguments: [accepted],
  });
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
