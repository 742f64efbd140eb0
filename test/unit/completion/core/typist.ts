import { cursorBetween, indentOf, type Cursor, type DocumentFacts } from "../../../../src/completion/core/cursor";
import { scanBrackets } from "../../../../src/completion/core/nesting";

const pairs: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`" };

/**
 * Writes a text into an empty document as a person does in VS Code: key by key, where the editor closes brackets and quotes, lets closing
 * ones be typed over, indents new lines and puts the closing bracket of an empty block on a line of its own.
 */
export class Typist {
  /** What is before the cursor: always the start of the text. */
  before = "";
  /** What the editor has inserted after it. */
  after = "";

  constructor(
    private readonly text: string,
    private readonly facts: DocumentFacts,
  ) {}

  get done(): boolean {
    return this.before.length >= this.text.length;
  }

  /** The place where the cursor is, after `extra` was typed by mistake. */
  cursor(extra = ""): Cursor {
    return cursorBetween(this.before + extra, this.after, this.facts);
  }

  /** One more key. */
  type(): void {
    const left = this.text.slice(this.before.length);
    const key = left.startsWith("\n") ? `\n${indentOf(left.slice(1))}` : left.slice(0, 1);
    if (this.after.startsWith(key)) {
      this.after = this.after.slice(key.length);
    } else if (key.startsWith("\n")) {
      const opener = this.before.at(-1) ?? "";
      const line = this.before.slice(this.before.lastIndexOf("\n") + 1);
      if ("([{".includes(opener) && this.after.startsWith(pairs[opener] ?? " ")) {
        this.after = `\n${indentOf(line)}${this.after}`;
      }
    } else if (this.#closes(key)) {
      this.after = (pairs[key] ?? "") + this.after;
    }
    this.before += key;
  }

  /** Whether the editor closes what this key opens: not in strings and comments, nor a quote after a word. */
  #closes(key: string): boolean {
    if (!(key in pairs) || !/^([\s)\]}>;:,]|$)/.test(this.after)) return false;
    if (key in { '"': 1, "'": 1, "`": 1 } && /[\w"'`]$/.test(this.before)) return false;
    return scanBrackets(this.before, this.facts.languageId).end.quote === "";
  }
}
