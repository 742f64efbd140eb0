import * as vscode from "vscode";
import { Completer } from "../core/completer";
import { editorOf, readCursor } from "./documentContext";
import { acceptedCommand, itemFor, type AcceptedCompletion } from "./item";
import type { Cursor } from "../core/cursor";
import type { GhostTextBackend } from "../../backend/backend";
import type { Suggestion } from "../core/postprocess/index";
import type { LineDecision } from "../core/ranking/suggestLine";
import { holdsSecrets } from "../core/secrets";
import { readSettings, settingsSection, type CompletionSettings } from "../core/settings";
import { refusal, type Trigger } from "../core/trigger";
import type { WorkspaceLookup } from "../core/workspace/types";

export interface InlineCompletionOptions {
  readonly backend: GhostTextBackend;
  /** Called for every failure. The editor gets no error and shows no message, so that typing is never interrupted. */
  readonly onFailure: (error: unknown) => void;
  readonly onAccepted: (accepted: AcceptedCompletion) => void;
  /** Finds lines in the workspace. */
  readonly workspace?: WorkspaceLookup;
  readonly log: { trace(message: string): void };
}

/** Ghost text: connects the editor's requests to a {@link Completer}. */
export class InlineCompletionProvider implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  readonly #options: InlineCompletionOptions;
  readonly #completer: Completer;
  readonly #decided = new vscode.EventEmitter<void>();
  /** Fires when {@link lastDecision} has changed. */
  readonly onDidDecide = this.#decided.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(options: InlineCompletionOptions) {
    this.#options = options;
    this.#completer = new Completer({ ...options, onDecision: () => this.#decided.fire() });
    this.#subscriptions = [
      this.#decided,
      vscode.languages.registerInlineCompletionItemProvider({ pattern: "**" }, this),
      vscode.commands.registerCommand(acceptedCommand, options.onAccepted),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(settingsSection)) return;
        this.reset();
        hideGhostText();
      }),
      // A document is also opened, once more, when its language changes: what was suggested was for the other language.
      vscode.workspace.onDidOpenTextDocument((document) => {
        if (document === vscode.window.activeTextEditor?.document) hideGhostText();
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
      const settings = readSettings(vscode.workspace.getConfiguration(settingsSection, document));
      const cursor = readCursor(document, position, selected);
      if (replacesText(position, selected) || refused(document, cursor, settings, context)) {
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

  /** One suggestion while a person types, several when invoked explicitly. */
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

  /** What the last suggestion was chosen from. */
  get lastDecision(): LineDecision | undefined {
    return this.#completer.lastDecision;
  }

  /** Clears the cached suggestions: for when the model changes. */
  reset(): void {
    this.#completer.reset();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#completer[Symbol.dispose]();
  }
}

function hideGhostText(): void {
  void vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
}

/** Whether accepting the suggest widget's item would replace text after the cursor: nothing can be continued there. */
function replacesText(position: vscode.Position, selected: vscode.SelectedCompletionInfo | undefined): boolean {
  return selected !== undefined && !selected.range.end.isEqual(position);
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
    secret: holdsSecrets(document.uri.path),
    cursors: selections.length,
    hasSelection: selections.some((selection) => !selection.isEmpty),
  });
  return reason !== undefined;
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
