import { type Cell, printTable } from "../bench/table";
import type { Outcome } from "./complete";
import type { Evaluation } from "./evaluate";
import {
  bitsDifference,
  bitsPerCharacter,
  charactersPerToken,
  counts,
  difference,
  type Figure,
  type PlaceFigures,
  placeFigures,
  sameText,
  savedByTyping,
  type ShownShare,
  typingDifference,
} from "./figures";
import { kinds, kindsInLine, languages } from "./places";
import { eagernesses, extents } from "./shown";

/** What the rows of a table are about. */
interface Group {
  readonly name: string;
  readonly has: (outcome: Outcome) => boolean;
}

const inLine: ReadonlySet<string> = new Set(kindsInLine);

const groups: readonly Group[] = [
  { name: "all", has: () => true },
  { name: "rest of the line", has: ({ place }) => inLine.has(place.kind) },
  ...kinds.map((kind) => ({ name: kind, has: ({ place }: Outcome) => place.kind === kind })),
  ...languages.map((language) => ({ name: language, has: ({ place }: Outcome) => place.language === language })),
];

/** So many of the groups are what matters most. */
const mainGroups = 2;

export interface GroupFigures {
  readonly group: string;
  readonly withSuffix: PlaceFigures;
  readonly withoutSuffix: PlaceFigures;
}

/** All figures of one model. */
export interface ModelReport {
  readonly model: string;
  readonly workspace: string;
  readonly fileBytes: number | undefined;
  /** Bytes of weights in memory. */
  readonly memoryBytes: number;
  readonly precision: string;
  readonly backend: string;
  readonly threads: number;
  readonly bitsPerCharacter: Figure;
  readonly charactersPerToken: number;
  readonly savedByTyping: Figure;
  readonly groups: readonly GroupFigures[];
}

export function modelReport(evaluation: Evaluation): ModelReport {
  const { candidate, withSuffix, withoutSuffix } = evaluation;
  const { precision, backend, threads, weightBytes } = candidate.model.info;
  return {
    model: candidate.name,
    workspace: evaluation.workspace,
    fileBytes: candidate.fileBytes,
    ...{ memoryBytes: weightBytes, precision, backend, threads },
    bitsPerCharacter: bitsPerCharacter(evaluation),
    charactersPerToken: charactersPerToken(evaluation),
    savedByTyping: savedByTyping(evaluation),
    groups: groups.map(({ name, has }) => ({
      group: name,
      withSuffix: placeFigures(withSuffix.filter(has)),
      withoutSuffix: placeFigures(withoutSuffix.filter(has)),
    })),
  };
}

/** One line for each model: its texts and its typing, then all its places, and those in a line alone. */
export function printSummary(reports: readonly ModelReport[]): void {
  printTable(
    "Models",
    ["", "file MB", "memory MB", "bits/char", "chars/token", "saved in typed lines %", "line ms", "p95", "prompt ms"],
    reports.map((report) => {
      const { withSuffix, withoutSuffix } = report.groups[0] ?? {};
      const times = withSuffix && withSuffix.places > 0 ? withSuffix : withoutSuffix;
      return [
        report.model,
        report.fileBytes === undefined ? undefined : report.fileBytes / 1e6,
        report.memoryBytes / 1e6,
        ranged(report.bitsPerCharacter, 3),
        report.charactersPerToken,
        ranged(report.savedByTyping),
        times?.medianLineMs,
        times?.p95LineMs,
        times?.medianPromptMs,
      ];
    }),
  );
  for (const [index, { name }] of groups.slice(0, mainGroups).entries()) {
    printTable(
      `${name}: ${placesOf(reports[0]?.groups[index])} places, with suffix (left) and without`,
      ["", "exact %", "similar", "saved %", "exact %", "similar", "saved %"],
      reports.map((report) => {
        const { withSuffix, withoutSuffix } = report.groups[index] ?? {};
        return [report.model, ...rangedCells(withSuffix), ...rangedCells(withoutSuffix)];
      }),
    );
  }
}

/** How much each eagerness shows and how much of that is right, of all places with suffix and of rests of lines; and what it shows. */
export function printEagerness(reports: readonly ModelReport[]): void {
  printTable(
    "Shown and right %, with suffix: all places, and the rest of the line",
    ["", ...eagernesses.flatMap((level) => [`${level} shown`, "right"])],
    reports.flatMap(({ model, groups: rows }) =>
      rows
        .slice(0, mainGroups)
        .map(({ group, withSuffix }) => [
          `${model}, ${group}`,
          ...eagernesses.flatMap((level) => [withSuffix.shown[level].share, withSuffix.shown[level].precision]),
        ]),
    ),
  );
  printTable(
    "What is shown, with suffix: at so many % of the places, right there in %, characters saved at a place",
    ["", ...eagernesses.flatMap((level) => [`${level} shown`, "right", "saved"])],
    reports.flatMap(({ model, groups: [all] }) =>
      extents.map((extent) => [
        `${model}, ${extentNames[extent]}`,
        ...eagernesses.flatMap((level) => cellsOf(all?.withSuffix.shown[level].byExtent[extent])),
      ]),
    ),
  );
}

const extentNames = { part: "beginning of a line", line: "rest of a line", lines: "several lines" } as const;

function cellsOf(shown: ShownShare | undefined): Cell[] {
  return [shown?.share, shown?.precision, shown?.saved];
}

function placesOf(figures: GroupFigures | undefined): number {
  return Math.max(figures?.withSuffix.places ?? 0, figures?.withoutSuffix.places ?? 0);
}

function rangedCells(figures: PlaceFigures | undefined): Cell[] {
  if (!figures || figures.places === 0) return Array<Cell>(3).fill(undefined);
  return [ranged(figures.exactMatch), ranged(figures.editSimilarity), ranged(figures.savedCharacters)];
}

/** A model's places by what is before the cursor, and by language. */
export function printGroups({ model, groups: rows }: ModelReport): void {
  const columns = ["exact %", "similar", "saved %", "line ms", "p95"];
  printTable(
    `${model}, with suffix (left) and without`,
    ["", "places", ...columns, ...columns, "prompt ms"],
    rows.map(({ group, withSuffix, withoutSuffix }) => [
      group,
      String(Math.max(withSuffix.places, withoutSuffix.places)),
      ...placeCells(withSuffix),
      ...placeCells(withoutSuffix),
      withSuffix.medianPromptMs || withoutSuffix.medianPromptMs,
    ]),
  );
}

/** How much better or worse the other models are than the first, at the same places. */
export function printDifferences(evaluations: readonly Evaluation[]): void {
  const [first, ...others] = evaluations;
  if (!first) return;
  const compared = (evaluation: Evaluation, { has }: Group): Cell[] =>
    (["withSuffix", "withoutSuffix"] as const).map((mode) => {
      const reference = first[mode].filter(has);
      const outcomes = evaluation[mode].filter(has);
      return reference.length === outcomes.length
        ? ranged(difference(outcomes, reference, counts.exactMatch), 1, "+")
        : undefined;
    });
  const names = groups.slice(0, mainGroups).flatMap(({ name }) => [`${name}, suffix`, `${name}, none`]);
  const head = ["", "bits/char", "saved in typed lines %", "same text %", ...names];
  const rows = others.map((other) => [
    other.candidate.name,
    ranged(bitsDifference(other, first), 3, "+"),
    ranged(typingDifference(other, first), 1, "+"),
    sameText(other.withoutSuffix.concat(other.withSuffix), first.withoutSuffix.concat(first.withSuffix)),
    ...groups.slice(0, mainGroups).flatMap((group) => compared(other, group)),
  ]);
  printTable(`Difference from ${first.candidate.name}, exact matches at the same places`, head, rows);
}

function placeCells({ places, exactMatch, editSimilarity, savedCharacters, medianLineMs, p95LineMs }: PlaceFigures) {
  if (places === 0) return Array<Cell>(5).fill(undefined);
  return [exactMatch.value, editSimilarity.value, savedCharacters.value, medianLineMs, p95LineMs];
}

/** A figure and its interval, such as `12.0 (9.1 to 15.2)`. @param plus is put before what is positive */
function ranged(figure: Figure | undefined, digits = 1, plus = ""): Cell {
  if (figure === undefined || Number.isNaN(figure.value)) return undefined;
  const text = (value: number) => `${value > 0 ? plus : ""}${value.toFixed(digits)}`;
  const [low, high] = figure.interval;
  return `${text(figure.value)} (${text(low)} to ${text(high)})`;
}

/** What was completed where, for a file. */
export function plainOutcomes({ candidate, withSuffix, withoutSuffix }: Evaluation) {
  const plain = ({ place, ...outcome }: Outcome) => ({
    file: `${place.file.repo}/${place.file.path}`,
    offset: place.prefix.length,
    kind: place.kind,
    wanted: place.wanted,
    ...outcome,
  });
  return { model: candidate.name, withSuffix: withSuffix.map(plain), withoutSuffix: withoutSuffix.map(plain) };
}
