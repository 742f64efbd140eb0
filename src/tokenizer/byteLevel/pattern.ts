import type { SplitExpression } from "../cut";
import { UnusableVocabulary } from "./definition";
import { isKnownPattern } from "./knownSplits";

/**
 * Translates a regular expression of a vocabulary file (the common part of Oniguruma's, Rust's and Python's dialects) to JavaScript's.
 *
 * What matters to splitting is kept exactly: `\s` is Unicode's white space (JavaScript's has a byte order mark and lacks U+0085), `(?i:…)`
 * folds case, and possessive quantifiers do not give back. What would make the time to match explode, or depend on the text before a match, is
 * refused.
 * @throws UnusableVocabulary naming what cannot be used
 */
export function splitExpression(pattern: string): SplitExpression {
  const { source, tries } = new Translator(pattern).translate();
  try {
    return { expression: new RegExp(source, "gu"), isLinear: !tries || isKnownPattern(pattern) };
  } catch (error) {
    throw refusal(pattern, error instanceof Error ? error.message : String(error));
  }
}

function refusal(pattern: string, why: string): UnusableVocabulary {
  return new UnusableVocabulary(`its pattern ${JSON.stringify(pattern)} has ${why}`);
}

/** A longer one is no vocabulary's. */
const longest = 20_000;

/** What is tried in each of these ways must be little: see `cut`, which bounds how far one of them goes. */
const mostWays = 8;
/** The patterns of known vocabularies have up to 40, characters of contractions among them. */
const mostRetries = 64;

/** A part of a pattern that a quantifier can follow. */
interface Atom {
  readonly source: string;
  readonly kind: "single" | "group" | "assertion";
  readonly strained?: boolean;
}

interface Group {
  readonly opening: string;
  readonly caseless: boolean;
  readonly kind: "group" | "assertion";
  /** Unbounded repetitions on the way to the group, and at most to the end of one of its alternatives. */
  readonly before: number;
  most: number;
  /** In how many ways the pattern can match on the way to the group, and to the ends of its alternatives so far. */
  readonly waysBefore: number;
  ways: number;
  /** Something must match after two unbounded repetitions: how they share the text would be tried in every way. */
  strained: boolean;
  source: string;
}

class Translator {
  readonly #pattern: string;
  #at = 0;
  /** Unbounded repetitions so far that what follows can make give back. */
  #unbounded = 0;
  /** In how many ways what was read so far can match, unbounded repetitions aside, where what follows can make it try the next one. */
  #ways = 1;
  /** How often something must match after an unbounded repetition. */
  #retries = 0;
  #captures = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    if (pattern.length > longest) throw this.#refuse(`${pattern.length} characters`);
  }

  /** @returns `tries`: whether something must match after an unbounded repetition */
  translate(): { readonly source: string; readonly tries: boolean } {
    const stack: Group[] = [
      {
        opening: "",
        caseless: false,
        kind: "group",
        before: 0,
        most: 0,
        waysBefore: 1,
        ways: 0,
        strained: false,
        source: "",
      },
    ];
    while (this.#at < this.#pattern.length) {
      const group = stack.at(-1) as Group;
      const character = this.#take();
      if (character === "(") {
        stack.push(this.#open(group));
      } else if (character === ")") {
        if (stack.length === 1) throw this.#refuse("a parenthesis too many");
        stack.pop();
        this.#unbounded = Math.max(group.most, this.#unbounded);
        this.#ways += group.ways;
        const parent = stack.at(-1) as Group;
        const { strained } = group;
        parent.source += this.#quantified(
          { source: `${group.opening}${group.source})`, kind: group.kind, strained },
          parent,
        );
      } else if (character === "|") {
        group.most = Math.max(group.most, this.#unbounded);
        this.#unbounded = group.before;
        group.ways += this.#ways;
        this.#ways = group.waysBefore;
        group.source += "|";
      } else {
        group.source += this.#quantified(this.#atom(character, group.caseless), group);
      }
    }
    const [whole, open] = stack;
    if (whole === undefined || open !== undefined) throw this.#refuse("a parenthesis that is not closed");
    if (whole.strained || this.#retries > mostRetries) throw this.#refuse("too many repetitions in a row");
    return { source: whole.source, tries: this.#retries > 0 };
  }

  #open(parent: Group): Group {
    const opened = this.#matching(/\(\?(?:[:=!]|i:)/y, this.#at - 1);
    const before = this.#unbounded;
    const base = {
      before,
      most: 0,
      waysBefore: this.#ways,
      ways: 0,
      strained: false,
      source: "",
      caseless: parent.caseless,
      opening: "(?:",
      kind: "group" as const,
    };
    if (opened === undefined) {
      if (this.#pattern[this.#at] !== "?") return base;
      throw this.#refuse(`“${this.#pattern.slice(this.#at - 1, this.#at + 3)}”, which is not supported`);
    }
    this.#at += opened.length - 1;
    if (opened === "(?i:") return { ...base, caseless: true };
    return opened === "(?:" ? base : { ...base, opening: opened, kind: "assertion" };
  }

  #atom(character: string, caseless: boolean): Atom {
    if (character === "[") return { source: this.#set(caseless), kind: "single" };
    if (character === "\\") return { source: this.#escape(false), kind: "single" };
    if (character === "$") return { source: "$", kind: "assertion" };
    if ("^*+?{".includes(character)) throw this.#refuse(`“${character}” where it is not supported`);
    if (character === "." || character === "}" || character === "]") {
      return { source: character === "." ? "[^\\n]" : `\\${character}`, kind: "single" };
    }
    return { source: caseless ? bothCases(character) : character, kind: "single" };
  }

  #set(caseless: boolean): string {
    let source = "[";
    if (this.#pattern[this.#at] === "^") source += this.#take();
    for (let character = this.#take(); character !== "]"; character = this.#take()) {
      if (character === "") throw this.#refuse("a set that is not closed");
      if (character === "[" || (character === "&" && this.#pattern[this.#at] === "&"))
        throw this.#refuse("a set in a set");
      if (character === "\\") source += this.#escape(true);
      else if (caseless && /[a-z]/i.test(character)) source += bothCases(character).slice(1, -1);
      else source += character;
    }
    return `${source}]`;
  }

  #escape(inSet: boolean): string {
    const property = this.#matching(/[pP](?:\{\^?[\w=]+\}|[A-Z])/y, this.#at);
    if (property !== undefined) {
      this.#at += property.length;
      const isNegated = property.startsWith("P") !== property.includes("^");
      return `\\${isNegated ? "P" : "p"}{${property.slice(1).replace(/[{}^]/g, "")}}`;
    }
    const code = this.#matching(/x[\da-fA-F]{2}|x\{[\da-fA-F]+\}|u[\da-fA-F]{4}/y, this.#at);
    if (code !== undefined) {
      this.#at += code.length;
      return `\\u{${code.slice(1).replace(/[{}]/g, "")}}`;
    }
    const character = this.#take();
    const known = classes.get(character);
    if (known !== undefined) return known;
    if (/[\p{L}\p{N}]/u.test(character) || character === "")
      throw this.#refuse(`“\\${character}”, which is not supported`);
    return /[\^$\\.*+?()[\]{}|/]/.test(character) || (inSet && character === "-") ? `\\${character}` : character;
  }

  /** The quantifier after an atom, if there is one. */
  #quantified({ source, kind, strained = false }: Atom, group: Group): string {
    const quantifier = this.#matching(/(?:[*+?]|\{\d+(?:,\d*)?\})/y, this.#at) ?? "";
    this.#at += quantifier.length;
    const suffix = this.#matching(/[+?]/y, this.#at) ?? "";
    if (quantifier !== "") this.#at += suffix.length;
    const [, least = "", most = ""] = /^\{(\d+),?(\d*)\}$/.exec(quantifier) ?? [];
    const isUnbounded = /^(?:[*+]|\{\d+,\})$/.test(quantifier);
    const isRepeated = isUnbounded || Number(most === "" ? least : most) > 1;
    const isOptional = quantifier === "*" || quantifier === "?" || least === "0";
    if (isRepeated && kind !== "single") throw this.#refuse("a group that repeats");
    const isTried = !isOptional && kind !== "group";
    if (isTried && this.#unbounded > 0) this.#retries++;
    if (!isOptional && strained) group.strained = true;
    if (isTried && (this.#unbounded > 1 || this.#ways > mostWays)) group.strained = true;
    if (quantifier === "") return source;
    const isPossessive = suffix === "+";
    if (isUnbounded && !isPossessive) this.#unbounded++;
    else if (!isPossessive)
      this.#ways = Math.min(this.#ways * waysOf(quantifier, least, most), Number.MAX_SAFE_INTEGER);
    if (!isPossessive) return source + quantifier + suffix;
    // A lookahead does not give back what it matched.
    const name = `p${this.#captures++}`;
    return `(?:(?=(?<${name}>${source}${quantifier}))\\k<${name}>)`;
  }

  #take(): string {
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    if (this.#at >= this.#pattern.length) return "";
    this.#at += character.length;
    return character;
  }

  /** What a sticky expression matches at a position. */
  #matching(expression: RegExp, at: number): string | undefined {
    expression.lastIndex = at;
    return expression.exec(this.#pattern)?.[0];
  }

  #refuse(why: string): UnusableVocabulary {
    return refusal(this.#pattern, why);
  }
}

/** How many numbers of repetitions a bounded quantifier allows. */
function waysOf(quantifier: string, least: string, most: string): number {
  if (quantifier === "?") return 2;
  return most === "" ? 1 : Math.max(1, Number(most) - Number(least) + 1);
}

const classes: ReadonlyMap<string, string> = new Map([
  ["s", "\\p{White_Space}"],
  ["S", "\\P{White_Space}"],
  ["d", "\\p{Nd}"],
  ["D", "\\P{Nd}"],
  ...Array.from("nrtfv", (letter): [string, string] => [letter, `\\${letter}`]),
]);

/** Unicode has two more letters whose lower case is an ASCII letter. */
function bothCases(letter: string): string {
  if (!/[a-z]/i.test(letter)) return letter;
  const more = { s: "\u017f", k: "\u212a" }[letter.toLowerCase()] ?? "";
  return `[${letter.toLowerCase()}${letter.toUpperCase()}${more}]`;
}
