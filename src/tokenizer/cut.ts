/** A match of an expression, or a text between two matches. */
export interface Cut {
  readonly content: string;
  /** Where it ends, in UTF-16 units. */
  readonly end: number;
}

/** What text is cut by. */
export interface SplitExpression {
  /** Global, without assertions about what precedes a match. */
  readonly expression: RegExp;
  /** Whether the time to find its matches is linear in the text's length, for every text. */
  readonly isLinear: boolean;
}

/** UTF-16 units that an expression may begin a match in before the text is cut to a new window. */
const step = 128;
/** What an expression sees: at each position where a match may begin at least `step` units. */
const windowLength = 2 * step;
/** Units at the end of a window at which a match may depend on what follows: a lookahead of one character. */
const openEnd = 2;
/** Windows are made longer for long matches, all together up to this many times the text's length. */
const growthLimit = 8;

/**
 * The matches of an expression and what is between them, in a time that is linear in the text's length. An expression that is not linear, such
 * as `a+b`, which tries all of a text of `a` again from each letter, sees a window of the text, which grows with a match that reaches
 * its end. So its matches are those in the whole text, except where a match depends on what is more than {@link step} units after it.
 */
export function* cut(text: string, { expression, isLinear }: SplitExpression): Generator<Cut> {
  const matches = isLinear ? matchesOf(text, expression) : windowMatches(text, expression);
  let done = 0;
  for (const { from, to } of matches) {
    if (from > done) yield { content: text.slice(done, from), end: from };
    done = to;
    yield { content: text.slice(from, to), end: to };
  }
  if (done < text.length) yield { content: text.slice(done), end: text.length };
}

function* matchesOf(text: string, expression: RegExp): Generator<Match> {
  for (const { index, 0: match } of text.matchAll(expression)) {
    if (match !== "") yield { from: index, to: index + match.length };
  }
}

function* windowMatches(text: string, expression: RegExp): Generator<Match> {
  let start = 0;
  let length = windowLength;
  let grown = 0;
  while (start < text.length) {
    const window = text.slice(start, start + length);
    const isLast = start + length >= text.length;
    const { matches, next } =
      length > windowLength ? matchAtStart(window, expression) : matchesIn(window, expression, isLast);
    const [first] = matches;
    const isOpen = !isLast && first !== undefined && first.to > window.length - openEnd;
    if (isOpen && grown + 2 * length <= growthLimit * text.length) {
      length *= 2;
      grown += length;
      continue;
    }
    for (const { from, to } of matches) yield { from: start + from, to: start + to };
    start = wholeCharacter(text, start + next);
    length = windowLength;
  }
}

interface Match {
  readonly from: number;
  readonly to: number;
}

interface WindowMatches {
  readonly matches: readonly Match[];
  /** Where the next window begins. */
  readonly next: number;
}

/** The matches of a window whose ends do not depend on what follows it, and one at its start in any case. */
function matchesIn(window: string, expression: RegExp, isLast: boolean): WindowMatches {
  const matches: Match[] = [];
  let end = 0;
  for (const { from, to } of matchesOf(window, expression)) {
    if (!isLast && from >= step) break;
    if (!isLast && from > 0 && to > window.length - openEnd) return { matches, next: from };
    matches.push({ from, to });
    end = to;
  }
  return { matches, next: isLast ? window.length : Math.max(end, step) };
}

/** The match at the start of a longer window. Further ones are looked for in short windows. */
function matchAtStart(window: string, expression: RegExp): WindowMatches {
  const to = new RegExp(expression.source, "uy").exec(window)?.[0].length ?? 0;
  return to === 0 ? { matches: [], next: 1 } : { matches: [{ from: 0, to }], next: to };
}

/** The position, or the one after it where it would split a character of two units. */
function wholeCharacter(text: string, position: number): number {
  const isSplit =
    isBetween(text.charCodeAt(position - 1), 0xd800, 0xdbff) && isBetween(text.charCodeAt(position), 0xdc00, 0xdfff);
  return isSplit ? position + 1 : position;
}

function isBetween(unit: number, first: number, last: number): boolean {
  return unit >= first && unit <= last;
}
