import { languageOf } from "../../src/cli/language";
import { indentOf } from "../../src/completion/core/cursor";
import { opensBlock } from "../../src/completion/core/languages";
import { seededRandom, type Random } from "../../src/generation/sampling/random";
import type { SourceFile } from "./files";

/** Where in a line a cursor stands, by what is before and after it; the rest of the line is to be written. */
const surroundings = {
  "after (": { before: /\($/, after: /^/ },
  "after =": { before: /(?:^|[^=!<>])= ?$/, after: /^[^=>]/ },
  "after .": { before: /[\w)\]?]\.$/, after: /^/ },
  "after ,": { before: /, ?$/, after: /^/ },
  "after another sign": { before: /[[{'":]$/, after: /^/ },
  "after a space": { before: /[^\s=,] $/, after: /^/ },
  "inside a word": { before: /\w\w$/, after: /^\w/ },
} as const;

type KindInLine = keyof typeof surroundings;

/**
 * The kinds of places. Within a line the rest of the line is wanted. `new line`: after the indentation of a line that is still
 * empty. `empty body`: the same inside a block, of which nothing is there yet but what opens and closes it. `line end`: after a
 * finished line, where the next one is wanted.
 */
export const kindsInLine: readonly KindInLine[] = [
  "after (",
  "after =",
  "after .",
  "after ,",
  "after another sign",
  "after a space",
  "inside a word",
];
export const kinds = [...kindsInLine, "new line", "empty body", "line end"] as const;
export type Kind = (typeof kinds)[number];

export const languages = ["typescript", "javascript", "python"] as const;
export type Language = (typeof languages)[number];

/** A cursor in a file of which a part is not written yet. */
export interface Place {
  readonly file: SourceFile;
  readonly language: Language;
  readonly kind: Kind;
  readonly prefix: string;
  /** What follows: up to the end of its first line that is not blank. Without white space at its end. */
  readonly wanted: string;
  /** The text after what is not written yet. */
  readonly suffix: string;
}

/** A piece of a text that is to be written anew, from `start` to `end`; `wantedEnd` is the end of its first line. */
interface Gap {
  readonly start: number;
  readonly wantedEnd: number;
  readonly end: number;
}

/** Fewer characters than this are hardly worth completing. */
export const shortest = 3;
/** A file without places of a kind is passed over; when so many in turn were, there are none. */
const patience = 200;

/**
 * Places in the files, as many of each kind and of each language as can be, no place twice. The same seed draws the same places,
 * and more of them begin with the fewer ones.
 * @throws RangeError when the files do not have so many.
 */
export function drawPlaces(
  files: readonly SourceFile[],
  count: number,
  seed: number,
  among: readonly Kind[] = kinds,
): Place[] {
  const random = seededRandom(seed);
  const present = languages.filter((language) => files.some((file) => evaluatedLanguage(file) === language));
  const byLanguage = present.map((language) => files.filter((file) => evaluatedLanguage(file) === language));
  const drawn = new Set<string>();
  const places: Place[] = [];
  for (let misses = 0; places.length < count; misses++) {
    const kind = among[places.length % among.length];
    const language = Math.floor(places.length / among.length) % present.length;
    const file = pick(byLanguage[language] ?? [], random);
    if (!kind || !file || misses > patience) throw new RangeError(`The files have fewer than ${count} places.`);
    const gap = pick(gapsOf(file, kind), random);
    const id = `${file.repo}/${file.path}:${gap?.start}`;
    if (!gap || drawn.has(id)) continue;
    drawn.add(id);
    misses = 0;
    places.push({
      file,
      language: present[language] ?? "typescript",
      kind,
      prefix: file.text.slice(0, gap.start),
      wanted: file.text.slice(gap.start, gap.wantedEnd).trimEnd(),
      suffix: file.text.slice(gap.end),
    });
  }
  return places;
}

/** What kind of place in a line an offset of a text is, if any. */
export function kindAt(text: string, offset: number): Kind | undefined {
  const before = text.slice(Math.max(0, offset - 3), offset);
  return kindsInLine.find((kind) => {
    return surroundings[kind].before.test(before) && surroundings[kind].after.test(text.charAt(offset));
  });
}

/** The language that a file is counted with. */
export function evaluatedLanguage({ lang }: SourceFile): Language | undefined {
  return languages.find((language) => language === lang) ?? (lang === "tsx" ? "typescript" : undefined);
}

function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function gapsOf(file: SourceFile, kind: Kind): Gap[] {
  if (kind === "new line") return newLines(file.text);
  if (kind === "line end") return lineEnds(file.text);
  if (kind === "empty body") return bodies(file);
  return restsOfLines(file.text, kind);
}

function restsOfLines(text: string, kind: KindInLine): Gap[] {
  const gaps: Gap[] = [];
  const { before, after } = surroundings[kind];
  for (let start = 1; start < text.length; start++) {
    if (!before.test(text.slice(Math.max(0, start - 3), start)) || !after.test(text.charAt(start))) continue;
    const end = endOfLine(text, start);
    if (isLongEnough(text.slice(start, end))) gaps.push({ start, wantedEnd: end, end });
  }
  return gaps;
}

function newLines(text: string): Gap[] {
  return linesOf(text).flatMap(({ start, end }) => {
    const line = text.slice(start, end);
    const from = start + indentOf(line).length;
    return start > 0 && isLongEnough(line) ? [{ start: from, wantedEnd: end, end }] : [];
  });
}

function lineEnds(text: string): Gap[] {
  const lines = linesOf(text).filter(({ start, end }) => text.slice(start, end).trim() !== "");
  return lines.flatMap(({ start, end }, index) => {
    const before = lines[index - 1];
    return before && isLongEnough(text.slice(start, end)) ? [{ start: before.end, wantedEnd: end, end }] : [];
  });
}

/** Bodies of blocks: the lines after one that opens a block, as long as they are indented further. */
function bodies({ text, path }: SourceFile): Gap[] {
  const lines = linesOf(text).map(({ start, end }) => ({ start, end, line: text.slice(start, end) }));
  const language = languageOf(path);
  const gaps: Gap[] = [];
  for (const [index, { line: opener }] of lines.entries()) {
    const first = lines[index + 1];
    if (!first || !opensBlock(opener, language)) continue;
    const indent = indentOf(opener).length;
    const isInside = (line: string) => line.trim() === "" || indentOf(line).length > indent;
    const next = lines.findIndex(({ line }, other) => other > index && !isInside(line));
    const body = lines.slice(index + 1, next < 0 ? undefined : next).filter(({ line }) => line.trim() !== "");
    const last = body.at(-1);
    if (body[0] !== first || !last || !isLongEnough(first.line)) continue;
    gaps.push({ start: first.start + indentOf(first.line).length, wantedEnd: first.end, end: last.end });
  }
  return gaps;
}

function isLongEnough(text: string): boolean {
  return text.trim().length >= shortest;
}

function linesOf(text: string): { readonly start: number; readonly end: number }[] {
  const lines = [];
  for (let start = 0; start < text.length;) {
    const end = endOfLine(text, start);
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}
