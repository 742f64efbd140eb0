import type { Cursor } from "./cursor";
import { originOf, typedSince, type Origin } from "./origin";

interface Entry {
  readonly origin: Origin;
  readonly text: string;
}

/**
 * What the model has said, and where. A text also answers for the places inside it: whoever types along it, deletes a letter and types
 * it again, or accepts its first line gets the rest without the model being asked.
 */
export class CompletionCache {
  readonly #capacity: number;
  /** The last used first. */
  #entries: Entry[] = [];

  constructor(capacity = 100) {
    this.#capacity = capacity;
  }

  /** Remembers what follows a cursor; an empty text says that nothing does. */
  add(cursor: Cursor, text: string): void {
    this.#use({ origin: originOf(cursor), text });
  }

  /** What is known to follow a cursor: what is left of a remembered text, or undefined. */
  find(cursor: Cursor): string | undefined {
    const here = originOf(cursor);
    for (const entry of this.#entries) {
      const typed = typedSince(entry.origin, here, entry.text.length);
      if (typed === undefined || !entry.text.startsWith(typed)) continue;
      const left = entry.text.slice(typed.length);
      // At the end of a text it is unknown how it goes on, except where it was empty from the start.
      if (left === "" && typed !== "") continue;
      this.#use(entry);
      return left;
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
