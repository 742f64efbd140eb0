import { percentile } from "../eval/metrics";
import { flickersOf, latenciesOf, type Flicker } from "../harness/person/flicker";
import { keysFor, type Manuscript, type Writing } from "../harness/person/person";
import type { PageRecord } from "../harness/person/view";

/** How the writing of a file went. */
export interface WritingFigures {
  readonly name: string;
  readonly lines: number;
  /** Whether the saved file is the original, byte for byte. */
  readonly equal: boolean;
  readonly keys: number;
  /** Share of the keys which the file needs without suggestions that accepting saved. */
  readonly keysSaved: number;
  /** Share of the characters without indentation that were accepted. */
  readonly charactersSaved: number;
  /** Share of the keys before which there was ghost text, and share of those at which all of it was right. */
  readonly shownShare: number;
  readonly rightShare: number;
  /** Share of the distinct suggestions that were right when they appeared. */
  readonly suggestions: number;
  readonly suggestionsRight: number;
  readonly acceptedWhole: number;
  readonly acceptedWords: number;
  /** Milliseconds from key to ghost text: all, and without those that were typed along. */
  readonly median: number;
  readonly p95: number;
  readonly newMedian: number;
  readonly newP95: number;
  readonly flickers: readonly Flicker[];
  readonly faults: readonly string[];
}

/** Suggestions in the order in which they came: one that is typed along is still the same. */
function distinct(shown: Writing["shown"]): Writing["shown"] {
  return shown.filter((place, i) => {
    const last = shown[i - 1];
    if (last?.line !== place.line || !place.before.startsWith(last.before)) return true;
    return last.drawn.slice(place.before.length - last.before.length) !== place.drawn;
  });
}

export function figuresOf(
  name: string,
  { text }: Manuscript,
  { places, shown, accepted, faults }: Writing,
  record: PageRecord,
  equal: boolean,
): WritingFigures {
  const lines = text.split("\n");
  const needed = keysFor(lines);
  const characters = accepted.reduce((sum, one) => sum + one.text.length, 0);
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const right = (list: Writing["shown"]) => list.filter(({ verdict }) => verdict.right > 0).length;
  const suggestions = distinct(shown);
  const latencies = latenciesOf(record);
  const all = latencies.map(({ ms }) => ms);
  const fresh = latencies.filter(({ along }) => !along).map(({ ms }) => ms);
  return {
    name,
    lines: lines.length,
    equal,
    keys: record.keys.length,
    keysSaved: share(characters - accepted.length, needed),
    charactersSaved: share(characters, needed),
    shownShare: share(shown.length, places),
    rightShare: share(right(shown), shown.length),
    suggestions: suggestions.length,
    suggestionsRight: share(right(suggestions), suggestions.length),
    acceptedWhole: accepted.filter(({ how }) => how === "whole").length,
    acceptedWords: accepted.filter(({ how }) => how === "word").length,
    median: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    newMedian: percentile(fresh, 0.5),
    newP95: percentile(fresh, 0.95),
    flickers: flickersOf(record),
    faults,
  };
}
