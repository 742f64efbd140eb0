/** Characters before a slash that decide whether it divides. */
const charactersBefore = 100;
/** Characters that a regular expression may have. */
const longest = 500;
/** After so many slashes that begin none where one could be, the text is no code, and the others divide. */
const mostFailures = 100;

const literal = /^\/(\\.|\[(\\.|[^\]\\\n])*\]|[^/\\[\n])+\//;

/** Finds the regular expressions in a text: where a value is expected, a slash does not divide. */
export class RegexLiterals {
  readonly #text: string;
  #failures = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** How often a slash, where a value is expected, began no regular expression. */
  get failures(): number {
    return this.#failures;
  }

  /** Characters after the first one of the regular expression that begins with the slash at an index; 0 if none does. */
  lengthAt(index: number, lineStart: number): number {
    if (this.#failures >= mostFailures || !this.#isValueExpected(index, lineStart)) return 0;
    const found = literal.exec(this.#text.slice(index, index + longest));
    if (!found) this.#failures++;
    return found ? found[0].length - 1 : 0;
  }

  #isValueExpected(index: number, lineStart: number): boolean {
    const before = this.#text.slice(Math.max(lineStart, index - charactersBefore), index).trimEnd();
    return before === "" || /[(,=:[!&|?{};+]$|\breturn$/.test(before);
  }
}
