/**
 * Texts that end a text. They are looked for in decoded characters, so where tokens begin and end does not matter: the first one that is
 * complete counts, and of several that end together the longest.
 */
export class StopStrings {
  readonly #stops: readonly string[];
  readonly #longest: number;

  /** @param stops a lone surrogate in them stands for U+FFFD; empty ones are ignored */
  constructor(stops: readonly string[]) {
    this.#stops = [...new Set(stops)].filter((stop) => stop !== "").map(wellFormed);
    this.#longest = Math.max(0, ...this.#stops.map(({ length }) => length));
  }

  /**
   * Where a text that has grown is to be cut.
   * @param grownFrom its length before, in UTF-16 units; no stop was complete in it
   * @returns where the stop begins, undefined when there is none
   */
  cutAt(text: string, grownFrom: number): number | undefined {
    if (this.#longest === 0) return undefined;
    let earliestEnd = Infinity;
    let start: number | undefined;
    for (const stop of this.#stops) {
      const found = text.indexOf(stop, Math.max(0, grownFrom - stop.length + 1));
      const end = found + stop.length;
      if (found < 0 || end > earliestEnd || (end === earliestEnd && found >= (start ?? 0))) continue;
      earliestEnd = end;
      start = found;
    }
    return start;
  }

  /** How much of a text without stops can be shown, in UTF-16 units: its end may be the beginning of a stop. */
  safeLength(text: string): number {
    for (let length = Math.min(this.#longest - 1, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.#stops.some((stop) => stop.length > length && stop.startsWith(end))) return text.length - length;
    }
    return text.length;
  }
}

/** The text with U+FFFD for lone surrogates. */
function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
