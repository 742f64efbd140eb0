import { seededRandom } from "../../src/generation/sampling/random";

export interface SourceFile {
  readonly repo: string;
  readonly path: string;
  readonly lang: string;
  readonly text: string;
}

/** What stands before the cursor decides how hard a place is. */
export const kinds = ["after a space", "after a sign", "inside a word"] as const;
export type Kind = (typeof kinds)[number];

/** A cursor in a file whose line ends there: what was behind it in the line is to be found again. */
export interface Position {
  readonly file: SourceFile;
  readonly kind: Kind;
  readonly prefix: string;
  readonly rest: string;
  /** From the end of the line on. */
  readonly suffix: string;
}

/** Fewer characters than this are hardly worth completing. */
const shortestRest = 3;

/** Places in the files, drawn with a fixed seed, as many of each kind. */
export function drawPositions(files: readonly SourceFile[], count: number, seed = 1): Position[] {
  const random = seededRandom(seed);
  const positions: Position[] = [];
  while (positions.length < count) {
    const file = files[Math.floor(random() * files.length)];
    const kind = kinds[positions.length % kinds.length];
    if (!file || !kind) throw new RangeError("There are no files to draw positions from.");
    const places = placesOf(file.text, kind);
    const offset = places[Math.floor(random() * places.length)];
    if (offset === undefined) continue;
    const lineEnd = endOfLine(file.text, offset);
    positions.push({
      file,
      kind,
      prefix: file.text.slice(0, offset),
      rest: file.text.slice(offset, lineEnd),
      suffix: file.text.slice(lineEnd),
    });
  }
  return positions;
}

function placesOf(text: string, kind: Kind): number[] {
  const before = { "after a space": /\S $/, "after a sign": /[(.=,[{'":]$/, "inside a word": /\w\w$/ }[kind];
  const places: number[] = [];
  for (let offset = 1; offset < text.length; offset++) {
    const inWord = kind !== "inside a word" || /\w/.test(text[offset] ?? "");
    const rest = text.slice(offset, endOfLine(text, offset)).trim();
    if (rest.length >= shortestRest && inWord && before.test(text.slice(Math.max(0, offset - 2), offset))) {
      places.push(offset);
    }
  }
  return places;
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}
