import type { Cursor } from "./cursor";
import { originOf, typedSince, type Origin } from "./origin";

interface Entry {
  readonly origin: Origin;
  readonly text: string;
}

/** What is left of a text, after what was typed along it. */
export interface CachedText {
  readonly text: string;
  readonly typed: string;
  /** More of it is still being written. */
  readonly isUnfinished?: boolean;
}

/**
 * Texts by the cursor that they continue. An entry also answers for every cursor inside its text: after typing along it, deleting a letter
 * and typing it again, or accepting its first line, the rest comes from the cache.
 */
export class CompletionCache {
  readonly #capacity: number;
  /** The most recently used first. */
  #entries: Entry[] = [];

  constructor(capacity = 100) {
    this.#capacity = capacity;
  }

  /** Adds the text that follows a cursor; an empty one says that nothing does. */
  add(cursor: Cursor, text: string): void {
    this.#use({ origin: originOf(cursor), text });
  }

  /** The text that follows a cursor, or what is left of one; undefined if none is cached. */
  find(cursor: Cursor): CachedText | undefined {
    const here = originOf(cursor);
    for (const entry of this.#entries) {
      const typed = typedSince(entry.origin, here, entry.text.length);
      if (typed === undefined || !entry.text.startsWith(typed)) continue;
      const left = entry.text.slice(typed.length);
      // What follows the end of a text is unknown, unless it was empty from the start.
      if (left === "" && typed !== "") continue;
      this.#use(entry);
      return { text: left, typed };
    }
    return undefined;
  }

  clear(): void {
    this.#entries = [];
  }

  #use(entry: Entry): void {
    this.#entries = [entry, ...this.#entries.filter((other) => other !== entry)].slice(0, this.#capacity);
  }
}
