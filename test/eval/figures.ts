import { bootstrapInterval, type Part, ratio } from "./bootstrap";
import type { Outcome } from "./complete";
import type { Eagerness } from "../../src/completion/core/ranking/eagerness";
import type { Evaluation } from "./evaluate";
import type { SourceFile } from "./files";
import { mean, percentile } from "./metrics";
import type { Shown, ShownAt } from "./shown";

/** A figure with its 95 % interval. */
export interface Figure {
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
}

/** What the outcomes of some places come to. Shares in percent, times in milliseconds. */
export interface PlaceFigures {
  readonly places: number;
  readonly exactMatch: Figure;
  readonly editSimilarity: Figure;
  /** Characters of the wanted lines that a person is spared who accepts a ghost text when its first line is right. */
  readonly savedCharacters: Figure;
  /** What each eagerness shows. */
  readonly shown: Readonly<Record<Eagerness, ShownFigures>>;
  /** Places at which the model's own text was right and the ghost text is not. */
  readonly lost: number;
  readonly medianLineMs: number;
  readonly p95LineMs: number;
  readonly medianPromptMs: number;
}

/** What is shown at some places, in all and by its extent. */
export interface ShownFigures extends ShownShare {
  readonly byExtent: Readonly<Record<Shown["extent"], ShownShare>>;
}

export interface ShownShare {
  /** Of the places, those at which something is shown. */
  readonly share: number;
  /** Of these, those at which all of it is right. */
  readonly precision: number;
  /** Characters that a person is spared at a place, on average, who accepts what is right with a key. */
  readonly saved: number;
}

/** Something that is counted at a place, over something else. */
export type Count = (outcome: Outcome) => Part;

export const counts = {
  exactMatch: ({ exact }) => ({ numerator: exact ? 100 : 0, denominator: 1 }),
  editSimilarity: ({ similarity }) => ({ numerator: similarity, denominator: 1 }),
  savedCharacters: ({ exact, place: { wanted } }) => {
    const { length } = wanted.trim();
    return { numerator: exact ? 100 * length : 0, denominator: length };
  },
} as const satisfies Record<string, Count>;

export function placeFigures(outcomes: readonly Outcome[]): PlaceFigures {
  const lineMs = outcomes.map((outcome) => outcome.lineMs);
  return {
    places: outcomes.length,
    exactMatch: figure(partsOf(outcomes, counts.exactMatch)),
    editSimilarity: figure(partsOf(outcomes, counts.editSimilarity)),
    savedCharacters: figure(partsOf(outcomes, counts.savedCharacters)),
    shown: { shy: shown(outcomes, "shy"), balanced: shown(outcomes, "balanced"), eager: shown(outcomes, "eager") },
    lost: outcomes.filter(({ exact, rawExact }) => rawExact && !exact).length,
    medianLineMs: percentile(lineMs, 0.5),
    p95LineMs: percentile(lineMs, 0.95),
    medianPromptMs: percentile(
      outcomes.map(({ promptMs }) => promptMs),
      0.5,
    ),
  };
}

function shown(outcomes: readonly Outcome[], eagerness: Eagerness): ShownFigures {
  const texts = outcomes.map((outcome) => outcome.shown[eagerness]).filter(({ text }) => text !== "");
  const shareOf = (some: readonly ShownAt[]): ShownShare => {
    const right = some.filter((one) => one.right);
    const saved = right.reduce((sum, { text }) => sum + text.trim().length - 1, 0);
    const places = Math.max(1, outcomes.length);
    return {
      share: (100 * some.length) / places,
      precision: (100 * right.length) / Math.max(1, some.length),
      saved: saved / places,
    };
  };
  const ofExtent = (extent: Shown["extent"]) => shareOf(texts.filter((text) => text.extent === extent));
  return {
    ...shareOf(texts),
    byExtent: { part: ofExtent("part"), line: ofExtent("line"), lines: ofExtent("lines") },
  };
}

export function bitsPerCharacter({ losses }: Pick<Evaluation, "losses">): Figure {
  return figure(lossParts(losses));
}

/** The percentage of characters that a person is spared who types lines and accepts a ghost text once its first line is right. */
export function savedByTyping({ lines }: Pick<Evaluation, "lines">): Figure {
  return figure(typingParts(lines));
}

/** How much more of the same lines is saved with one model than with another. */
export function typingDifference({ lines }: Pick<Evaluation, "lines">, reference: Pick<Evaluation, "lines">): Figure {
  return figure(differences(typingParts(lines), typingParts(reference.lines)));
}

export function charactersPerToken({ losses }: Pick<Evaluation, "losses">): number {
  return mean(losses.map(({ loss }) => loss.characters)) / mean(losses.map(({ loss }) => loss.tokens));
}

/** How much a count is higher with `outcomes` than with `reference`, at the same places. */
export function difference(outcomes: readonly Outcome[], reference: readonly Outcome[], count: Count): Figure {
  return figure(differences(partsOf(outcomes, count), partsOf(reference, count)));
}

/** The percentage of the places at which two models' ghost texts begin with the same line, right or wrong. */
export function sameText(outcomes: readonly Outcome[], reference: readonly Outcome[]): number {
  const same = outcomes.filter(({ found }, i) => found === reference[i]?.found);
  return (100 * same.length) / outcomes.length;
}

/** How many bits per character more one model takes than another, for the same texts. */
export function bitsDifference({ losses }: Pick<Evaluation, "losses">, reference: Pick<Evaluation, "losses">): Figure {
  return figure(differences(lossParts(losses), lossParts(reference.losses)));
}

function figure(parts: readonly Part[]): Figure {
  return { value: ratio(parts), interval: bootstrapInterval(parts) };
}

function differences(parts: readonly Part[], reference: readonly Part[]): Part[] {
  return parts.map(({ numerator, denominator }, i) => ({
    numerator: numerator - (reference[i]?.numerator ?? 0),
    denominator,
  }));
}

function lossParts(losses: Evaluation["losses"]): Part[] {
  return losses.map(({ loss: { bits, characters } }) => ({ numerator: bits, denominator: characters }));
}

function typingParts(lines: Evaluation["lines"]): Part[] {
  return lines.map(({ saved, place: { wanted } }) => ({ numerator: 100 * saved, denominator: wanted.length }));
}

/** The counts file by file. */
function partsOf(outcomes: readonly Outcome[], count: Count): Part[] {
  const byFile = new Map<SourceFile, Part>();
  for (const outcome of outcomes) {
    const { file } = outcome.place;
    const { numerator, denominator } = count(outcome);
    const before = byFile.get(file) ?? { numerator: 0, denominator: 0 };
    byFile.set(file, { numerator: before.numerator + numerator, denominator: before.denominator + denominator });
  }
  return [...byFile.values()];
}
