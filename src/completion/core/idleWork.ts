import { cursorBetween, type Cursor } from "./cursor";
import type { CompletionEngine } from "./engine";
import { originOf, typedSince } from "./origin";
import type { Suggestion } from "./postprocess/index";
import { modelText } from "./postprocess/modelText";
import { requestAt } from "./request";
import type { CompletionSettings } from "./settings";

/** What is known already. */
export interface Memory {
  /** Whether a suggestion for this cursor is there, or on its way. */
  knows(cursor: Cursor): boolean;
  /** Remembers what follows a cursor. */
  add(cursor: Cursor, text: string): void;
}

/**
 * What the engine does while a person looks at a suggestion: it writes what would be suggested once that is accepted, and reads the
 * window that the prompt will soon move to. The engine does both behind everything else, a step at a time.
 */
export class IdleWork implements Disposable {
  readonly #onFailure: (error: unknown) => void;
  readonly #memory: Memory;
  readonly #engine: CompletionEngine;
  #ahead: { readonly accepted: Cursor; readonly controller: AbortController } | undefined;
  #reading: AbortController | undefined;

  constructor(engine: CompletionEngine, memory: Memory, onFailure: (error: unknown) => void) {
    this.#engine = engine;
    this.#memory = memory;
    this.#onFailure = onFailure;
  }

  /** Something was suggested at a cursor, or nothing: what can be prepared now? */
  begin(cursor: Cursor, suggestion: Suggestion | undefined, settings: CompletionSettings): void {
    const accepted = suggestion && accept(cursor, suggestion);
    if (!accepted || !this.#ahead || !samePlace(accepted, this.#ahead.accepted)) {
      this.#ahead?.controller.abort();
      this.#ahead = accepted && this.#completeAhead(accepted, settings);
    }
    this.#reading?.abort();
    this.#reading = this.#readAhead(cursor, settings);
  }

  /** Makes way: something else is wanted now. */
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
      if (this.#memory.knows(accepted)) return;
      const { fillInTheMiddle } = await this.#engine.describe();
      const request = requestAt(accepted, settings, fillInTheMiddle);
      const { text, finish } = await this.#engine.completeAhead(request, { signal });
      if (finish !== "cancelled" && !signal.aborted) this.#memory.add(accepted, modelText({ text, finish }, accepted));
    };
    run().catch(this.#onFailure);
    return { accepted, controller };
  }

  #readAhead(cursor: Cursor, settings: CompletionSettings): AbortController {
    const controller = new AbortController();
    const { signal } = controller;
    const run = async () => {
      const { fillInTheMiddle } = await this.#engine.describe();
      await this.#engine.readAhead(requestAt(cursor, settings, fillInTheMiddle), { signal });
    };
    run().catch(this.#onFailure);
    return controller;
  }
}

/** The place behind a suggestion, once it is in the document. */
export function accept(cursor: Cursor, { text, replaces }: Suggestion): Cursor {
  return cursorBetween(cursor.before + text, cursor.after.slice(replaces), cursor);
}

function samePlace(a: Cursor, b: Cursor): boolean {
  return typedSince(originOf(a), originOf(b), 0) === "";
}
