import type { Cursor } from "../../../src/completion/core/cursor";
import { postprocess } from "../../../src/completion/core/postprocess/index";
import { modelText } from "../../../src/completion/core/postprocess/modelText";
import { thresholds } from "../../../src/completion/core/ranking/eagerness";
import { logProbability } from "../../../src/completion/core/ranking/features";
import {
  firstLine,
  type LineCandidate,
  lineCandidates,
  maxFromWorkspace,
  withModelLine,
  workspaceLines,
} from "../../../src/completion/core/ranking/lineCandidates";
import { selectLines } from "../../../src/completion/core/ranking/selection";
import { surroundingsOf } from "../../../src/completion/core/ranking/surroundings";
import { decide, type LineDecision } from "../../../src/completion/core/ranking/suggestLine";
import type { WorkspaceMatch } from "../../../src/completion/core/workspace/types";
import { complete } from "../../../src/generation/complete";
import { type LineScore, scoreLines } from "../../../src/generation/ranking/scoreLines";
import { printTable } from "../../bench/table";
import type { Candidate } from "../candidate";
import { cursorIn, type Lookup, requestIn } from "../complete";
import { kindsInLine, type Place } from "../places";
import { likelyLines } from "./hypotheses";

/** What there is to choose from at a place. */
interface Offer {
  readonly cursor: Cursor;
  readonly modelText: string;
  readonly matches: readonly WorkspaceMatch[];
  /** Lines that a beam search finds. */
  readonly hypotheses: readonly string[];
}

/** A way of choosing a line. */
interface Variant {
  readonly name: string;
  readonly lines: (offer: Offer) => readonly LineCandidate[];
  readonly choose?: (decision: LineDecision, offer: Offer) => Pick<Choice, "text" | "probability">;
}

interface Choice {
  readonly text: string;
  readonly probability: number;
}

/** What one variant made of a place. */
interface VariantOutcome {
  readonly place: Place;
  readonly exact: boolean;
  readonly isShown: boolean;
}

const beams = 4;
const unscored: LineScore = { tokens: [], end: -Infinity };

const product = ({ modelText: text, matches, cursor }: Offer) => lineCandidates(text, matches, cursor);

const variants: readonly Variant[] = [
  { name: "the product", lines: product },
  { name: "without the index", lines: ({ modelText: text, cursor }) => lineCandidates(text, [], cursor) },
  {
    name: "without selection",
    lines: ({ modelText: text, matches }) =>
      withModelLine(workspaceLines(matches).slice(0, maxFromWorkspace), firstLine(text)),
  },
  {
    name: "without renamed lines",
    lines: ({ modelText: text, matches, cursor }) =>
      withModelLine(selectLines(workspaceLines(matches), surroundingsOf(cursor), maxFromWorkspace), firstLine(text)),
  },
  { name: "without the model's line", lines: ({ matches, cursor }) => lineCandidates("", matches, cursor) },
  { name: "without the ranker: the likeliest line", lines: product, choose: likeliest },
  {
    name: "without confidence: always shown",
    lines: product,
    choose: ({ text }) => ({ text, probability: 1 }),
  },
  {
    name: "with lines of a beam search",
    lines: (offer) =>
      withLines(
        product(offer),
        offer.hypotheses.map((text) => ({ text, fromModel: false, matches: [] })),
      ),
  },
];

function withLines(lines: readonly LineCandidate[], others: readonly LineCandidate[]): LineCandidate[] {
  return [...lines, ...others.filter((other) => !lines.some(({ text }) => text === other.text))];
}

function likeliest({ lines }: LineDecision, { modelText: text }: Offer): Choice {
  const best = lines.reduce((a, b) => (logProbability(b) > logProbability(a) ? b : a), lines[0] ?? fail());
  return { text: best.fromModel ? text : best.text, probability: 1 };
}

function fail(): never {
  throw new RangeError("There is no line to choose.");
}

/** Chooses a line at each place in each way, and prints what that comes to. @param onProgress hears the share that is done */
export async function ablate(
  candidate: Candidate,
  places: readonly Place[],
  lookupAt: (place: Place) => Lookup,
  onProgress: (share: number) => void,
): Promise<void> {
  const outcomes = new Map<string, VariantOutcome[]>(variants.map(({ name }) => [name, []]));
  for (const [index, place] of places.entries()) {
    for (const [name, outcome] of await outcomesAt(candidate, place, lookupAt(place)))
      outcomes.get(name)?.push(outcome);
    onProgress((index + 1) / places.length);
  }
  const inLine: ReadonlySet<string> = new Set(kindsInLine);
  printTable(
    `What each mechanism is worth, with suffix, ${places.length} places: exact matches, and what is shown as balanced, in %`,
    ["", "exact, all", "rest of the line", "shown", "of which right"],
    variants.map(({ name }) => {
      const all = outcomes.get(name) ?? [];
      const shown = all.filter(({ isShown }) => isShown);
      const rests = all.filter(({ place }) => inLine.has(place.kind));
      return [name, exactShare(all), exactShare(rests), (100 * shown.length) / all.length, exactShare(shown)];
    }),
  );
}

function exactShare(outcomes: readonly VariantOutcome[]): number {
  return (100 * outcomes.filter(({ exact }) => exact).length) / Math.max(1, outcomes.length);
}

async function outcomesAt(
  candidate: Candidate,
  place: Place,
  lookup: Lookup,
): Promise<(readonly [string, VariantOutcome])[]> {
  const context = candidate.context();
  const cursor = cursorIn(place, place.prefix, place.suffix);
  const request = requestIn(cursor);
  const control = { arrivedAt: 0, onText: () => undefined, signal: { aborted: false }, pause: () => Promise.resolve() };
  const offer: Offer = {
    cursor,
    modelText: modelText(await complete(context, request, control), cursor),
    matches: lookup(cursor.before, cursor.after),
    hypotheses: await likelyLines(context, request, beams),
  };
  const offered = variants.map((variant) => ({ variant, lines: variant.lines(offer) }));
  const texts = [...new Set(offered.flatMap(({ lines }) => lines.map(({ text }) => text)))];
  const scores = texts.length === 0 ? [] : await scoreLines(context, { ...request, lines: texts }, control);
  const scoreOf = new Map(texts.map((text, i) => [text, scores[i]]));
  return offered.map(({ variant, lines }) => {
    const scored = lines.map(({ text }) => scoreOf.get(text) ?? unscored);
    return [variant.name, outcomeOf(variant, offer, place, decide(cursor, offer.modelText, lines, scored, 0))];
  });
}

function outcomeOf({ choose }: Variant, offer: Offer, place: Place, decision: LineDecision): VariantOutcome {
  const ranked = { text: decision.text, probability: decision.lines[0]?.probability ?? 0 };
  const { text, probability } = choose && decision.lines.length > 0 ? choose(decision, offer) : ranked;
  const shown = firstLine(postprocess(text, offer.cursor)?.text ?? "");
  return { place, exact: shown === place.wanted, isShown: shown !== "" && probability >= thresholds.balanced };
}
