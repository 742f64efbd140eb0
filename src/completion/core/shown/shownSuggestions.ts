import type { Cursor } from "../cursor";
import { isSame, restAt, shownAt, type ShownSuggestion } from "./shownSuggestion";

export interface ShownEvents {
  /** A suggestion appeared that is not what is left of the one before. */
  readonly onShown: (cursor: Cursor) => void;
  /** A suggestion is gone: accepted, or replaced by something else. One that was typed to its end is neither. */
  readonly onEnded: (accepted: boolean) => void;
}

/**
 * Follows the suggestions that the editor is given, from answer to answer: the editor does not report what it shows. A suggestion counts
 * once, however far it is typed along.
 */
export class ShownSuggestions {
  readonly #events: ShownEvents;
  #current: ShownSuggestion | undefined;

  constructor(events: ShownEvents) {
    this.#events = events;
  }

  /** The suggestion that the editor was given last, if it may still be shown. */
  get current(): ShownSuggestion | undefined {
    return this.#current;
  }

  /** The editor was answered at a cursor. @param text undefined for no suggestion */
  answered(cursor: Cursor, text: string | undefined): void {
    const rest = this.#current && restAt(this.#current, cursor);
    const next = text === undefined ? undefined : shownAt(cursor, text);
    if (rest !== undefined && (text === undefined || isSame(rest, text))) {
      // Still to come where it was not given again: the person types along faster than answers come.
      if (rest === "" || next) this.#current = next;
      return;
    }
    if (this.#current && rest !== "") this.#events.onEnded(false);
    this.#current = next;
    if (next) this.#events.onShown(cursor);
  }

  /** The person accepted what was left of the suggestion. */
  accepted(): void {
    this.#current = undefined;
    this.#events.onEnded(true);
  }
}
