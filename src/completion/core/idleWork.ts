import { cursorBetween, type Cursor } from "./cursor";
import { capabilitiesOf, type GhostTextBackend } from "../../backend/backend";
import { originOf, typedSince } from "./origin";
import type { Suggestion } from "./postprocess/index";
import { modelText } from "./postprocess/modelText";
import { requestAt } from "./request";
import type { CompletionSettings } from "./settings";

/** The suggestions that are known already. */
export interface KnownSuggestions {
  /** Whether there is a suggestion for this cursor, or a request that agrees with it. */
  has(cursor: Cursor): boolean;
  /** Adds the text that follows a cursor. */
  add(cursor: Cursor, text: string): void;
}

/**
 * Prepares the next request while a suggestion is shown: computes what would be suggested once that is accepted, and prefills the window
 * that the prompt will soon move to. Both run at idle priority.
 */
export class IdleWork implements Disposable {
  readonly #onFailure: (error: unknown) => void;
  readonly #known: KnownSuggestions;
  readonly #backend: GhostTextBackend;
  #ahead: { readonly accepted: Cursor; readonly controller: AbortController } | undefined;
  #reading: AbortController | undefined;

  constructor(backend: GhostTextBackend, known: KnownSuggestions, onFailure: (error: unknown) => void) {
    this.#backend = backend;
    this.#known = known;
    this.#onFailure = onFailure;
  }

  /** Starts the work that follows from what was suggested at a cursor. */
  begin(cursor: Cursor, suggestion: Suggestion | undefined, settings: CompletionSettings): void {
    if (!capabilitiesOf(this.#backend.state)?.readAhead) return;
    const accepted = suggestion && accept(cursor, suggestion);
    if (!accepted || !this.#ahead || !samePlace(accepted, this.#ahead.accepted)) {
      this.#ahead?.controller.abort();
      this.#ahead = accepted && this.#completeAhead(accepted, settings);
    }
    this.#reading?.abort();
    this.#reading = this.#readAhead(cursor, settings);
  }

  /** Stops all of it, for a new request. */
  stop(): void {
    this.#ahead?.controller.abort();
    this.#ahead = undefined;
    this.#reading?.abort();
    this.#reading = undefined;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #completeAhead(accepted: Cursor, settings: CompletionSettings) {
    const controller = new AbortController();
    const { signal } = controller;
    const run = async () => {
      if (this.#known.has(accepted)) return;
      const written = await this.#backend.completeAhead(requestAt(accepted, settings), { signal });
      if (written.finish !== "cancelled" && !signal.aborted) this.#known.add(accepted, modelText(written, accepted));
    };
    run().catch(this.#onFailure);
    return { accepted, controller };
  }

  #readAhead(cursor: Cursor, settings: CompletionSettings): AbortController {
    const controller = new AbortController();
    const { signal } = controller;
    this.#backend.readAhead(requestAt(cursor, settings), { signal }).catch(this.#onFailure);
    return controller;
  }
}

/** The cursor after a suggestion was accepted. */
export function accept(cursor: Cursor, { text, replaces, closers }: Suggestion): Cursor {
  return cursorBetween(cursor.before + text, closers + cursor.after.slice(replaces), cursor);
}

function samePlace(a: Cursor, b: Cursor): boolean {
  return typedSince(originOf(a), originOf(b), 0) === "";
}
