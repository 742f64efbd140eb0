import { cursorBetween, indentOf, type Cursor, type DocumentFacts } from "../../src/completion/core/cursor";
import { scanBrackets } from "../../src/completion/core/nesting";

/** What is the same of every key: nothing but settings and the text itself stands against a suggestion. */
export const keySituation = {
  trigger: "automatic",
  writable: true,
  exclusion: undefined,
  drawn: true,
  cursors: 1,
  hasSelection: false,
} as const;

const closing: ReadonlyMap<string, string> = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
]);

/**
 * How a person writes a file: the paragraphs in order but for some that are left out at first, with slips that are deleted again,
 * words that are thought over, steps that are undone and redone, and remarks that are put elsewhere and taken away. The editor closes
 * brackets and quotes, lets them be typed over, and indents new lines. In the end the file is exactly the text.
 */
export class Writer {
  #before = "";
  /** What the editor has inserted right after the cursor and can be typed over. */
  #closers = "";
  #after = "";
  /** Characters that were typed since the cursor was last set somewhere. */
  #run = 0;

  constructor(
    private readonly text: string,
    private readonly facts: DocumentFacts,
    private readonly random: () => number,
  ) {}

  get cursor(): Cursor {
    return cursorBetween(this.#before, this.#closers + this.#after, this.facts);
  }

  /** Does one thing after the other and says of each whether it is a key, after which the editor asks for a completion. */
  *write(): Generator<"key" | "undo" | "jump"> {
    const paragraphs = this.text.split(/(?<=\n\n)(?=\S)/);
    const later = paragraphs.map((_, i) => i > 1 && i < paragraphs.length - 1 && this.random() < 0.2);
    const present = (i: number, until: number) => i < until || !later[i];
    yield* this.#writeOn(paragraphs.filter((_, i) => !later[i]).join(""));
    for (const [i, paragraph] of paragraphs.entries()) {
      if (!later[i]) continue;
      this.#before = paragraphs.slice(0, i).join("");
      this.#after = paragraphs.filter((_, j) => j > i && present(j, i)).join("");
      this.#run = 0;
      yield "jump";
      yield* this.#writeOn(this.#before + paragraph);
    }
    const { before, after } = this.cursor;
    if (before + after !== this.text) throw new Error(`${this.facts.path} was not written as it should be.`);
  }

  /** Types until the text before the cursor is `goal`, which it begins. */
  *#writeOn(goal: string): Generator<"key" | "undo" | "jump"> {
    while (this.#before.length < goal.length) {
      const left = goal.slice(this.#before.length);
      this.#type(left.startsWith("\n") ? `\n${indentOf(left.slice(1))}` : left.slice(0, 1));
      yield "key";
      const dice = this.random();
      if (this.#closers !== "" || dice > 0.035) continue;
      if (dice < 0.02) yield* this.#slip();
      else if (dice < 0.028) yield* this.#rethink();
      else if (dice < 0.032) yield* this.#undo();
      else yield* this.#remark();
    }
  }

  /** A wrong letter or two, and back. */
  *#slip(): Generator<"key"> {
    const count = this.random() < 0.7 ? 1 : 2;
    for (let i = 0; i < count; i++) {
      this.#before += String.fromCharCode(97 + Math.floor(this.random() * 26));
      yield "key";
    }
    yield* this.#delete(count);
  }

  /** The last word goes, letter by letter, and is written again. */
  *#rethink(): Generator<"key"> {
    yield* this.#delete(Math.min(this.#run, /\w*\W?$/.exec(this.#before)?.[0].length ?? 0));
  }

  /** What was typed last goes at once and comes back at once. */
  *#undo(): Generator<"undo"> {
    const written = this.#before;
    this.#before = written.slice(0, written.length - Math.min(this.#run, 5 + Math.floor(this.random() * 15)));
    yield "undo";
    this.#before = written;
    yield "undo";
  }

  /** A remark at the end of an earlier line, which goes again. */
  *#remark(): Generator<"jump" | "key"> {
    const ends = Array.from(this.#before.matchAll(/\n/g), ({ index }) => index);
    const place = ends[Math.floor(this.random() * ends.length)];
    if (place === undefined) return;
    const [before, after] = [this.#before, this.#after];
    this.#before = before.slice(0, place);
    this.#after = before.slice(place) + after;
    yield "jump";
    const remark = this.facts.languageId === "python" ? "  # check this" : " // check this";
    for (const letter of remark) {
      this.#before += letter;
      yield "key";
    }
    yield* this.#delete(remark.length);
    [this.#before, this.#after] = [before, after];
    yield "jump";
  }

  *#delete(count: number): Generator<"key"> {
    for (let i = 0; i < count; i++) {
      this.#before = this.#before.slice(0, -1);
      this.#run = Math.max(0, this.#run - 1);
      yield "key";
    }
  }

  #type(key: string): void {
    const opener = this.#before.at(-1) ?? "";
    if (this.#closers.startsWith(key)) {
      this.#closers = this.#closers.slice(key.length);
    } else if (key.startsWith("\n") && "([{".includes(opener) && this.#closers.startsWith(closing.get(opener) ?? " ")) {
      const line = this.#before.slice(this.#before.lastIndexOf("\n") + 1);
      this.#closers = `\n${indentOf(line)}${this.#closers}`;
    } else if (this.#closes(key)) {
      this.#closers = (closing.get(key) ?? "") + this.#closers;
    }
    this.#before += key;
    this.#run += key.length;
  }

  /** Whether the editor closes what this key opens: not in strings and comments, nor a quote after a word. */
  #closes(key: string): boolean {
    if (!closing.has(key) || !/^([\s)\]}>;:,]|$)/.test(this.#closers + this.#after)) return false;
    if (/["'`]/.test(key) && /[\w"'`]$/.test(this.#before)) return false;
    return scanBrackets(this.#before, this.facts.languageId).end.quote === "";
  }
}
