import * as vscode from "vscode";
import { Completer } from "../core/completer";
import { readCursor } from "./documentContext";
import { itemFor } from "./item";
import { LanguageChanges } from "./languageChanges";
import { noPauses, type Pauses } from "./pauses";
import { Refusals } from "./refusals";
import { Registration } from "./registration";
import { screenReaderPause } from "./screenReader";
import { SuggestionTracker } from "./suggestionTracker";
import type { Cursor } from "../core/cursor";
import type { Activity } from "../../backend/activity";
import type { GhostTextBackend } from "../../backend/backend";
import { pause } from "../core/pause";
import type { Suggestion } from "../core/postprocess/index";
import { withoutOldEnd } from "../core/postprocess/withoutOldEnd";
import type { LineDecision } from "../core/ranking/suggestLine";
import { readSettings, settingsSection, type CompletionSettings } from "../core/settings";
import { TypingRhythm } from "../core/timing/typingRhythm";
import type { Trigger } from "../core/trigger";
import type { WorkspaceLookup } from "../core/workspace/types";

export interface InlineCompletionOptions {
  readonly backend: GhostTextBackend;
  /** Called for every failure. The editor gets no error and shows no message, so that typing is never interrupted. */
  readonly onFailure: (error: unknown) => void;
  /** Finds lines in the workspace. */
  readonly workspace?: WorkspaceLookup;
  /** What is paused for a while. */
  readonly pauses?: Pauses;
  /** Counts the requests that are running. */
  readonly activity?: Activity;
  readonly log: { trace(message: string): void };
}

/** Ghost text: connects the editor's requests to a {@link Completer}. */
export class InlineCompletionProvider implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  readonly #options: InlineCompletionOptions;
  readonly #completer: Completer;
  readonly #pauses: Pauses;
  /** What becomes of the suggestions. */
  readonly suggestions: SuggestionTracker;
  readonly #refusals = new Refusals();
  readonly #decided = new vscode.EventEmitter<void>();
  /** Fires when {@link lastDecision} has changed. */
  readonly onDidDecide = this.#decided.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(options: InlineCompletionOptions) {
    this.#options = options;
    this.#pauses = options.pauses ?? noPauses;
    const languages = new LanguageChanges();
    const rhythm = new TypingRhythm();
    this.suggestions = new SuggestionTracker(rhythm);
    this.#completer = new Completer({ ...options, rhythm, onDecision: () => this.#decided.fire() });
    this.#subscriptions = [
      this.#decided,
      this.suggestions,
      this.#pauses.onDidChange(() => {
        if (this.#pauses.suggestions) hideGhostText();
      }),
      this.#refusals,
      new Registration(this),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(settingsSection)) return;
        this.#completer.reset();
        hideGhostText();
      }),
      languages,
      // What was suggested was for the other language. A document that opens is left alone: on a busy machine its suggestion may be there already.
      languages.onDidChange((document) => {
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
      const settings = this.#settingsOf(document);
      const cursor = readCursor(document, position, selected);
      const trigger = triggerOf(context);
      const reason = replacesText(position, selected)
        ? "insideLine"
        : await this.#reasonAgainst(document, cursor, settings, trigger);
      if (reason !== undefined) {
        this.#completer.stop();
        this.suggestions.answered(cursor, undefined, selected);
        return this.#nothing(reason);
      }
      const signal = signalOf(token);
      if (trigger === "automatic") await pause(screenReaderPause(document), signal);
      if (signal.aborted) return this.#nothing("canceled");
      const suggested = await this.#suggest(cursor, settings, trigger, signal);
      const suggestions = suggested.map((suggestion) => withoutOldEnd(suggestion, cursor.lineRest));
      if (token.isCancellationRequested) return this.#nothing("canceled");
      this.suggestions.answered(cursor, suggestions[0]?.text, selected);
      if (suggestions.length === 0) return this.#nothing("nothing to suggest");
      const lengths = suggestions.map(({ text }) => text.length).join(", ");
      this.#options.log.trace(`${lengths} characters after ${Math.round(performance.now() - started)} ms.`);
      return suggestions.map((suggestion) => itemFor(suggestion, cursor, document, position, selected));
    } catch (error) {
      this.#options.onFailure(error);
      return [];
    }
  }

  /** Answers with no suggestion. */
  #nothing(reason: string): [] {
    this.#options.log.trace(`No suggestion: ${reason}.`);
    return [];
  }

  /** Why nothing is to be suggested, or undefined. */
  async #reasonAgainst(
    document: vscode.TextDocument,
    cursor: Cursor,
    settings: CompletionSettings,
    trigger: Trigger,
  ): Promise<string | undefined> {
    if (trigger === "automatic" && this.#pauses.suggestions) return "paused";
    return this.#refusals.at(document, cursor, settings, trigger);
  }

  #settingsOf(document: vscode.TextDocument): CompletionSettings {
    const settings = readSettings(vscode.workspace.getConfiguration(settingsSection, document));
    return { ...settings, idleWork: settings.idleWork && !this.#pauses.idleWork };
  }

  /** One suggestion while a person types, several when invoked explicitly. */
  async #suggest(
    cursor: Cursor,
    settings: CompletionSettings,
    trigger: Trigger,
    signal: AbortSignal,
  ): Promise<readonly Suggestion[]> {
    if (trigger === "invoked") return this.#completer.alternatives(cursor, settings, signal);
    const suggestion = await this.#completer.complete(cursor, settings, signal);
    return suggestion ? [suggestion] : [];
  }

  /** What the last suggestion was chosen from. */
  get lastDecision(): LineDecision | undefined {
    return this.#completer.lastDecision;
  }

  /** Clears the cached suggestions and looks again for one that is waited for: for when the model changes. */
  restart(): void {
    this.#completer.restart();
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

function triggerOf({ triggerKind }: vscode.InlineCompletionContext): Trigger {
  return triggerKind === vscode.InlineCompletionTriggerKind.Invoke ? "invoked" : "automatic";
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
