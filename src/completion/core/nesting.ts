import { type Lead, leadAt } from "./lineLead";
import { RegexLiterals } from "./regexLiterals";
import { hasRegexLiterals, isMarkup, lineCommentStart, opensComment, opensString } from "./languages";

/** An opening bracket that was not closed. */
export interface Opener {
  readonly bracket: string;
  /** Characters of whitespace that its line begins with. */
  readonly indent: number;
  /**
   * `code`: a bracket of the program. `interpolation`: the `${` of a template literal; the string goes on after its closing brace.
   * `literal`: a bracket in the text of a string or comment, such as that of an f-string. Editors close these as well.
   */
  readonly kind: "code" | "interpolation" | "literal";
  /** The closing delimiter of the string or comment that the bracket stands in; empty in code. */
  readonly within: string;
}

/** What is open at a position: brackets, the innermost last, and what ends the string or comment there (`\n` a line comment; empty: neither). */
export interface Nesting {
  readonly openers: readonly Opener[];
  readonly quote: string;
  /** Whether the string or comment began on an earlier line. */
  readonly quoteAbove: boolean;
  /** The last characters before the position: after a letter, an apostrophe begins no string. */
  readonly before: string;
}

/** Characters of {@link Nesting.before}. */
const charactersBefore = 3;

/** A bracket or quote in a text that closes something from before the text. */
export interface Closer {
  readonly character: string;
  readonly index: number;
  /** Indentation of its line if nothing else stands before it there. */
  readonly indent: number | undefined;
}

/** Something that a text opens and does not close. */
export interface Unclosed {
  readonly closer: string;
  /** Where it is opened. */
  readonly index: number;
}

export interface Scan {
  /** What is open at the text's end. */
  readonly end: Nesting;
  readonly closers: readonly Closer[];
  /** What the text itself leaves open, the outermost first; `\n` closes a line comment. */
  readonly unclosed: readonly Unclosed[];
}

export const outermost: Nesting = { openers: [], quote: "", quoteAbove: false, before: "" };

const closingOf: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const openingOf: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
/** Brackets that are open at once: deeper ones, of which real code has none, are passed over. */
const deepest = 100;
/** Closers of what is open before a text: more of them, of which real code has none, are passed over. */
const mostClosers = 1000;
/** Strings and comments that a line end ends. */
const endsWithLine = new Set(["'", '"', "\n"]);
/** The index of what was opened before the text. */
const beforeText = -1;

/** Which of the first 65,536 characters begin nothing that matters: most of a text is passed over by this alone. */
const plain = new Uint8Array(0x10000).fill(1);
for (const character of "\n()[]{}\"'`\\$/*#-;%<") plain[character.charCodeAt(0)] = 0;

/** What closes an opening bracket. */
export function closing(opener: Opener): string {
  return closingOf[opener.bracket] ?? "";
}

/** Whether a delimiter is that of a string, not of a comment. */
export function isString(quote: string): boolean {
  return /^["'`]/.test(quote);
}

/** Whether a delimiter is that of a comment. */
export function isComment(quote: string): boolean {
  return quote !== "" && !isString(quote);
}

/**
 * Follows brackets, strings and comments through a text that begins inside `start`. Knows no grammar: it is right for the usual code in
 * most languages, and where it errs it recovers at the line's end.
 */
export function scanBrackets(text: string, languageId: string, start: Nesting = outermost): Scan {
  return new Scanner(text, languageId, start).scan();
}

/** An opener and where it was opened. */
interface Located {
  readonly opener: Opener;
  readonly index: number;
  /** Where the string that it interrupts was opened. */
  readonly stringIndex: number;
}

class Scanner {
  readonly #text: string;
  readonly #languageId: string;
  readonly #start: Nesting;
  readonly #open: Located[];
  readonly #closers: Closer[] = [];
  readonly #lineComment: string | undefined;
  readonly #regexLiterals: RegexLiterals | undefined;
  #quote: string;
  #quoteIndex = beforeText;
  #lineStart = 0;
  /** Of the current line, once it was asked for: a line may begin with any number of blanks, and have any number of brackets. */
  #lead: Lead | undefined;

  constructor(text: string, languageId: string, start: Nesting) {
    this.#text = text;
    this.#languageId = languageId;
    this.#start = start;
    this.#open = start.openers.map((opener) => ({ opener, index: beforeText, stringIndex: beforeText }));
    this.#quote = start.quote;
    this.#lineComment = lineCommentStart(languageId);
    this.#regexLiterals = hasRegexLiterals(languageId) ? new RegexLiterals(text) : undefined;
  }

  scan(): Scan {
    const text = this.#text;
    for (let index = 0; index < text.length; index++) {
      if (plain[text.charCodeAt(index)] !== 0) continue;
      if (text[index] === "\n") this.#endLine(index);
      else index = this.#quote === "" ? this.#inCode(index) : this.#inString(index);
    }
    return {
      end: {
        openers: this.#open.map(({ opener }) => opener),
        quote: this.#quote,
        quoteAbove: this.#isQuoteAbove(),
        before: this.#before(text.length),
      },
      closers: this.#closers,
      unclosed: this.#unclosed(),
    };
  }

  #endLine(index: number): void {
    this.#lineStart = index + 1;
    this.#lead = undefined;
    if (endsWithLine.has(this.#quote)) this.#endString();
  }

  /** @returns the index of the last character that was read. */
  #inString(index: number): number {
    const text = this.#text;
    const character = text.charAt(index);
    const quote = this.#quote;
    // A backslash before a bracket may begin an interpolation, as in Swift, or stand in a pattern: both come in pairs.
    if (character === "\\" && isString(quote)) return /[()[\]{}]/.test(text.charAt(index + 1)) ? index : index + 1;
    if (text.startsWith(quote, index)) {
      if (this.#quoteIndex === beforeText) this.#close(index, quote);
      this.#endString();
      return index + quote.length - 1;
    }
    if (quote === "`" && text.startsWith("${", index)) {
      this.#push("{", "interpolation", index);
      this.#quote = "";
      return index + 1;
    }
    if (character in closingOf) this.#push(character, "literal", index);
    else if (isClosingBracket(character)) this.#closeLiteral(index, character);
    return index;
  }

  /** @returns the index of the last character that was read. */
  #inCode(index: number): number {
    const text = this.#text;
    const character = text.charAt(index);
    if (character in closingOf) {
      this.#push(character, "code", index);
      return index;
    }
    if (isClosingBracket(character)) {
      this.#closeBracket(index, character);
      return index;
    }
    const opened = this.#delimiterAt(index);
    if (opened) {
      this.#quote = opened.quote;
      this.#quoteIndex = index;
      return index + opened.length - 1;
    }
    return character === "/" ? index + (this.#regexLiterals?.lengthAt(index, this.#lineStart) ?? 0) : index;
  }

  #push(bracket: string, kind: Opener["kind"], index: number): void {
    if (this.#open.length >= deepest) return;
    const opener = { bracket, indent: this.#lineLead().indent, kind, within: this.#quote };
    this.#open.push({ opener, index, stringIndex: this.#quoteIndex });
  }

  #closeBracket(index: number, character: string): void {
    const depth = this.#lastOpen(character);
    const closed = this.#open[depth];
    if ((closed?.index ?? beforeText) === beforeText) this.#close(index, character);
    if (!closed) return;
    if (closed.opener.kind === "interpolation") {
      this.#quote = closed.opener.within;
      this.#quoteIndex = closed.stringIndex;
    }
    this.#open.length = depth;
  }

  /** The index of the innermost bracket that a character closes, or -1. */
  #lastOpen(character: string): number {
    const bracket = openingOf[character];
    let depth = this.#open.length - 1;
    while (depth >= 0 && this.#open[depth]?.opener.bracket !== bracket) depth--;
    return depth;
  }

  /** A bracket in a string closes only one that the same string opened. */
  #closeLiteral(index: number, character: string): void {
    const depth = this.#open.findLastIndex(({ opener }) => opener.kind !== "literal" || closing(opener) === character);
    const closed = this.#open[depth];
    if (closed?.opener.kind !== "literal") return;
    if (closed.index === beforeText) this.#close(index, character);
    this.#open.length = depth;
  }

  #endString(): void {
    while (this.#open.at(-1)?.opener.kind === "literal") this.#open.pop();
    this.#quote = "";
  }

  #close(index: number, character: string): void {
    if (this.#closers.length >= mostClosers) return;
    const startsLine = this.#lineStart > 0 && this.#lineLead().end >= index;
    this.#closers.push({ character, index, indent: startsLine ? index - this.#lineStart : undefined });
  }

  #lineLead(): Lead {
    return (this.#lead ??= leadAt(this.#text, this.#lineStart));
  }

  /** The string or comment that begins at an index, if any. A line comment ends with `\n`. */
  #delimiterAt(index: number): { readonly quote: string; readonly length: number } | undefined {
    const text = this.#text;
    const comment = this.#lineComment;
    if (
      comment !== undefined &&
      text.startsWith(comment, index) &&
      opensComment(this.#before(index), this.#languageId)
    ) {
      return { quote: "\n", length: comment.length };
    }
    if (comment !== "#" && text.startsWith("/*", index)) return { quote: "*/", length: 2 };
    if (text.startsWith("<!--", index) && isMarkup(this.#languageId)) return { quote: "-->", length: 4 };
    const character = text.charAt(index);
    if (!isString(character) || !opensString(text, index, this.#before(index), this.#languageId)) return undefined;
    const triple = character.repeat(3);
    const length = character !== "`" && text.startsWith(triple, index) ? 3 : 1;
    return { quote: character.repeat(length), length };
  }

  #isQuoteAbove(): boolean {
    if (this.#quote === "") return false;
    if (this.#quoteIndex !== beforeText) return this.#quoteIndex < this.#lineStart;
    return this.#start.quoteAbove || this.#lineStart > 0;
  }

  #before(index: number): string {
    const before = this.#text.slice(Math.max(0, index - charactersBefore), index);
    return before.length < charactersBefore ? (this.#start.before + before).slice(-charactersBefore) : before;
  }

  #unclosed(): readonly Unclosed[] {
    const brackets = this.#open.flatMap(({ opener, index, stringIndex }) => {
      if (index === beforeText || opener.kind === "literal") return [];
      const string = { closer: opener.within, index: stringIndex };
      const isOwn = opener.kind === "interpolation" && stringIndex !== beforeText;
      return [...(isOwn ? [string] : []), { closer: closing(opener), index }];
    });
    const quote = this.#quote;
    if (quote === "" || this.#quoteIndex === beforeText) return brackets;
    return [...brackets, { closer: quote, index: this.#quoteIndex }];
  }
}

function isClosingBracket(character: string): boolean {
  return character === ")" || character === "]" || character === "}";
}
