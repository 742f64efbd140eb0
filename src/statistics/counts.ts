import type { AcceptanceKind } from "../completion/core/shown/shownSuggestion";
import { isJsonObject } from "../formats/json";

/** What is counted. */
export interface Counts {
  /** Suggestions that the editor was given; one that is typed along counts once. */
  readonly shown: number;
  /** Suggestions that were accepted as a whole, or to their end. */
  readonly whole: number;
  /** Lines and words of suggestions that were accepted on their own. */
  readonly line: number;
  readonly word: number;
  /** How many of the accepted texts were looked at again after a while. */
  readonly checked: number;
  /** How many of those were still there. */
  readonly kept: number;
  /** Characters of the accepted texts. */
  readonly characters: number;
}

export const noCounts: Counts = { shown: 0, whole: 0, line: 0, word: 0, checked: 0, kept: 0, characters: 0 };

/** Counts by language identifier. */
export type CountsByLanguage = Readonly<Record<string, Counts>>;

/** What was counted, and since when, in milliseconds since 1970. */
export interface StatisticsData {
  readonly since: number;
  readonly languages: CountsByLanguage;
}

/** What a suggestion that was shown counts. */
export const oneShown: Counts = { ...noCounts, shown: 1 };

/** What an accepted text counts. */
export function oneAccepted(kind: AcceptanceKind, characters: number): Counts {
  return { ...noCounts, [kind]: 1, characters };
}

/** What an accepted text that was looked at again counts. */
export function oneChecked(isKept: boolean): Counts {
  return { ...noCounts, checked: 1, kept: isKept ? 1 : 0 };
}

const names = Object.keys(noCounts) as (keyof Counts)[];

/** The sums of counts. */
export function sum(counts: Iterable<Counts>): Counts {
  const total: { -readonly [Name in keyof Counts]: number } = { ...noCounts };
  for (const each of counts) for (const name of names) total[name] += each[name];
  return total;
}

/** The counts of two collections together. */
export function merge(a: CountsByLanguage, b: CountsByLanguage): CountsByLanguage {
  const merged: Record<string, Counts> = { ...a };
  for (const [languageId, counts] of Object.entries(b))
    merged[languageId] = sum([merged[languageId] ?? noCounts, counts]);
  return merged;
}

/** Reads counts that were stored. @returns undefined for anything else */
export function parseStatistics(stored: unknown): StatisticsData | undefined {
  if (!isJsonObject(stored) || typeof stored["since"] !== "number" || !isJsonObject(stored["languages"]))
    return undefined;
  const languages = Object.entries(stored["languages"]).flatMap(([languageId, counts]) =>
    isJsonObject(counts) ? [[languageId, parseCounts(counts)] as const] : [],
  );
  return { since: stored["since"], languages: Object.fromEntries(languages) };
}

function parseCounts(stored: Readonly<Record<string, unknown>>): Counts {
  const counts = names.map((name) => {
    const value = stored[name];
    return [name, typeof value === "number" && value >= 0 ? value : 0] as const;
  });
  return { ...noCounts, ...Object.fromEntries(counts) };
}
