import { hasRegexLiterals, lineCommentStart } from "./languages";

/** An opening bracket that was not closed. */
export interface Opener {
  readonly bracket: string;
  /** Characters of whitespace that its line begins with. */
  readonly indent: number;
  /** The quote that it interrupts: a template literal's, for `${`; otherwise empty. */
  readonly within: string;
}

/** What a place stands in: brackets, the innermost last, and what ends the string or comment there (`\n` a line comment; empty: neither). */
export interface Nesting {
  readonly openers: readonly Opener[];
  readonly quote: string;
}

/** A bracket or quote in a text that closes something from before the text. */
export interface Closer {
  readonly character: string;
  readonly index: number;
  /** Indentation of its line if nothing else stands before it there. */
  readonly indent: number | undefined;
}

export interface Scan {
  /** What the text's end stands in. */
  readonly end: Nesting;
  /** How many openers from before the text are still open at its end. */
  readonly kept: number;
  readonly closers: readonly Closer[];
}

export const outermost: Nesting = { openers: [], quote: "" };

const closingOf: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
/** Strings and comments that a line end ends. */
const endsWithLine = new Set(["'", '"', "\n"]);

/** Which of the first 65,536 characters begin nothing that matters: most of a text is passed over by this alone. */
const plain = new Uint8Array(0x10000).fill(1);
for (const character of "\n()[]{}\"'`\\$/*#-;%") plain[character.charCodeAt(0)] = 0;

/** What closes an opening bracket. */
export function closing(opener: Opener | undefined): string {
  return closingOf[opener?.bracket ?? ""] ?? "";
}

/**
 * Follows brackets, strings and comments through a text that begins inside `start`. Knows no grammar: it is right for the usual code in
 * most languages, and where it errs (an apostrophe in the text of a tag) it recovers at the line's end.
 */
export function scanBrackets(text: string, languageId: string, start: Nesting = outermost): Scan {
  const openers = [...start.openers];
  const closers: Closer[] = [];
  const lineComment = lineCommentStart(languageId);
  const regexLiterals = hasRegexLiterals(languageId);
  let { quote } = start;
  let kept = openers.length;
  let startQuoteOpen = quote !== "";
  let lineStart = 0;

  const closer = (index: number, character: string): Closer => {
    const lead = text.slice(lineStart, index);
    return { character, index, indent: lineStart > 0 && lead.trim() === "" ? lead.length : undefined };
  };

  for (let index = 0; index < text.length; index++) {
    if (plain[text.charCodeAt(index)] !== 0) continue;
    const character = text.charAt(index);
    if (character === "\n") {
      lineStart = index + 1;
      if (endsWithLine.has(quote)) {
        quote = "";
        startQuoteOpen = false;
      }
      continue;
    }
    if (quote !== "") {
      if (character === "\\" && quote !== "*/") {
        index++;
      } else if (quote === "`" && text.startsWith("${", index)) {
        openers.push({ bracket: "{", indent: indentAt(text, lineStart), within: quote });
        quote = "";
        index++;
      } else if (text.startsWith(quote, index)) {
        if (startQuoteOpen) closers.push(closer(index, quote));
        startQuoteOpen = false;
        index += quote.length - 1;
        quote = "";
      }
      continue;
    }
    const opened = quoteAt(text, index, lineComment);
    if (character === "/" && !opened && regexLiterals) {
      index += regexLength(text, index);
    } else if (opened) {
      quote = opened.quote;
      index += opened.length - 1;
    } else if (character in closingOf) {
      openers.push({ bracket: character, indent: indentAt(text, lineStart), within: "" });
    } else if (character === ")" || character === "]" || character === "}") {
      const depth = openers.findLastIndex((opener) => closing(opener) === character);
      if (depth < kept) closers.push(closer(index, character));
      if (depth < 0) continue;
      quote = openers[depth]?.within ?? "";
      startQuoteOpen ||= quote !== "" && depth < kept;
      openers.length = depth;
      kept = Math.min(kept, depth);
    }
  }
  return { end: { openers, quote }, kept, closers };
}

/** The string or comment that begins at an index, if any. A line comment ends with `\n`. */
function quoteAt(
  text: string,
  index: number,
  lineComment: string | undefined,
): { quote: string; length: number } | undefined {
  const character = text.charAt(index);
  if (lineComment !== undefined && text.startsWith(lineComment, index)) {
    return { quote: "\n", length: lineComment.length };
  }
  if (lineComment !== "#" && text.startsWith("/*", index)) return { quote: "*/", length: 2 };
  if (character === "`") return { quote: "`", length: 1 };
  if (character !== '"' && character !== "'") return undefined;
  const triple = character.repeat(3);
  return text.startsWith(triple, index) ? { quote: triple, length: 3 } : { quote: character, length: 1 };
}

/** Characters of a regular expression behind its first one, if one begins here: where a value is expected, a slash does not divide. */
function regexLength(text: string, index: number): number {
  const before = text.slice(text.lastIndexOf("\n", index) + 1, index).trimEnd();
  if (before !== "" && !/[(,=:[!&|?{};+]$|\breturn$/.test(before)) return 0;
  const end = /^\/(\\.|\[(\\.|[^\]\\\n])*\]|[^/\\[\n])+\//.exec(text.slice(index, index + 500));
  return end ? end[0].length - 1 : 0;
}

function indentAt(text: string, lineStart: number): number {
  let index = lineStart;
  while (text[index] === " " || text[index] === "\t") index++;
  return index - lineStart;
}
