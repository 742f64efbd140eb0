import { indentationOf, languageOf } from "../../src/cli/language";
import type { Cursor } from "../../src/completion/core/cursor";
import { cursorAt } from "../../src/completion/core/cursorAt";
import { postprocess } from "../../src/completion/core/postprocess/index";
import { thresholds } from "../../src/completion/core/ranking/eagerness";
import { firstLine } from "../../src/completion/core/ranking/lineCandidates";
import type { LineScore, ScoreRequest } from "../../src/generation/ranking/scoreLines";
import { suggestLine } from "../../src/completion/core/ranking/suggestLine";
import { requestAt } from "../../src/completion/core/request";
import { readSettings } from "../../src/completion/core/settings";
import type { WorkspaceMatch } from "../../src/completion/core/workspace/types";
import { completionPrompt } from "../../src/generation/prompt/completionPrompt";
import type { GenerationContext } from "../../src/generation/context";
import type { CompletionRequest } from "../../src/generation/request";
import { type Answers, computedAnswers } from "./answers";
import type { Candidate } from "./candidate";
import { editSimilarity } from "./metrics";
import type { Place } from "./places";
import { byEagerness, extentOf, shownAt, type Shown, type ShownAt, type ShownByEagerness, shownOf } from "./shown";

/** What a model made of a place. */
export interface Outcome {
  readonly place: Place;
  /** The ghost text as far as it is compared: up to the end of its first line that is not blank. Empty when there is none. */
  readonly found: string;
  /** The same of the model's own text, before post-processing. */
  readonly raw: string;
  /** What is shown when only what is sure enough is. */
  readonly shown: ShownByEagerness<ShownAt>;
  readonly exact: boolean;
  readonly rawExact: boolean;
  /** 0 to 100. */
  readonly similarity: number;
  /** Milliseconds from the keystroke until the first line is known, with the text before that keystroke in the cache; NaN if not measured. */
  readonly lineMs: number;
  /** Milliseconds to read all of the prompt, as after a jump to another place; NaN if not measured. */
  readonly promptMs: number;
  readonly promptTokens: number;
}

/** The extension's own settings. */
const settings = readSettings({ get: <T>(_key: string, fallback: T) => fallback });

/** The lines of a workspace that follow text like that before a cursor. */
export type Lookup = (prefix: string, suffix: string) => readonly WorkspaceMatch[];

/** What the extension makes of a model's text. */
export interface Ghost {
  /** What is shown, however unsure it is; empty when nothing is. */
  readonly shown: string;
  /** The model's own text. */
  readonly raw: string;
  /** What is shown with a threshold. */
  readonly at: (threshold: number) => Promise<Shown>;
}

/**
 * Completes at a place as the extension does: same window, prompt, healing, stop rules, ranking and post-processing.
 * @param lookup finds lines in the workspace; without it the model's text is not ranked
 * @param onText receives the model's text as it grows
 */
export async function ghostAt(
  answers: Answers,
  cursor: Cursor,
  lookup?: Lookup,
  onText?: (text: string) => void,
): Promise<Ghost> {
  const raw = await answers.text(requestIn(cursor), cursor, onText);
  if (!lookup) {
    const text = postprocess(raw, cursor)?.text ?? "";
    return { raw, shown: text, at: () => Promise.resolve({ extent: extentOf(text), text }) };
  }
  const matches = lookup(cursor.before, cursor.after);
  const scores = remembered((request) => answers.scores(request));
  const decide = (threshold: number) => suggestLine({ cursor, settings, modelText: raw, matches, threshold }, scores);
  const decision = await decide(0);
  return {
    raw,
    shown: postprocess(decision?.text ?? "", cursor)?.text ?? "",
    at: async (threshold) => shownOf(await decide(threshold), cursor),
  };
}

type ScoreLines = (request: ScoreRequest) => Promise<readonly LineScore[]>;

/** Scores the same lines once. */
function remembered(scoreLines: ScoreLines): ScoreLines {
  const known = new Map<string, Promise<readonly LineScore[]>>();
  return (request) => {
    const key = JSON.stringify(request.lines);
    const scores = known.get(key) ?? scoreLines(request);
    known.set(key, scores);
    return scores;
  };
}

/**
 * Completes at a place. The last keystroke is made for it: first the prompt of the cursor one character earlier is read.
 * @param withSuffix false: as at the end of the document
 */
export async function completePlace(
  candidate: Candidate,
  place: Place,
  withSuffix: boolean,
  lookup?: Lookup,
): Promise<Outcome> {
  const { wanted } = place;
  const suffix = withSuffix ? place.suffix : "";
  const measured = candidate.answerFile
    ? await keptGhost(candidate, place, suffix, lookup)
    : await measuredGhost(candidate, place, suffix, lookup);
  const { ghost, ...times } = measured;

  const [found, raw] = [firstLine(ghost.shown), firstLine(ghost.raw)];
  const similarity = editSimilarity(found.trim(), wanted.trim());
  const [exact, rawExact] = [found === wanted, raw === wanted];
  const shown = await byEagerness(async (threshold) => shownAt(await ghost.at(threshold), place));
  return { place, found, raw, shown, exact, rawExact, similarity, ...times };
}

interface MeasuredGhost extends Pick<Outcome, "lineMs" | "promptMs" | "promptTokens"> {
  readonly ghost: Ghost;
}

async function keptGhost(candidate: Candidate, place: Place, suffix: string, lookup?: Lookup): Promise<MeasuredGhost> {
  const ghost = await ghostAt(candidate.answers(), cursorIn(place, place.prefix, suffix), lookup);
  return { ghost, lineMs: NaN, promptMs: NaN, promptTokens: NaN };
}

async function measuredGhost(
  candidate: Candidate,
  place: Place,
  suffix: string,
  lookup?: Lookup,
): Promise<MeasuredGhost> {
  const context = candidate.context();
  const { prefix } = place;
  const before = cursorIn(place, prefix.slice(0, -1), suffix);
  const { promptMs, promptTokens } = await readPrompt(context, requestIn(before));
  const arrivedAt = context.now();
  let lineAt: number | undefined;
  const ghost = await ghostAt(computedAnswers(context), cursorIn(place, prefix, suffix), lookup, (text) => {
    // A ranked line is known at the end only.
    if (!lookup && lineAt === undefined && /\S.*\n/.test(text)) lineAt = context.now();
  });
  // Lines after the first one are scored, too, before anything is shown.
  if (lookup) await ghost.at(thresholds.balanced);
  return { ghost, lineMs: (lineAt ?? context.now()) - arrivedAt, promptMs, promptTokens };
}

/** The cursor between two texts in the place's file. */
export function cursorIn({ file }: Pick<Place, "file">, prefix: string, suffix: string): Cursor {
  return cursorAt(prefix + suffix, prefix.length, {
    document: `${file.repo}/${file.path}`,
    path: file.path,
    languageId: languageOf(file.path),
    indentation: indentationOf(file.text),
  });
}

/** What the extension asks at a cursor, with its own settings. */
export function requestIn(cursor: Cursor): CompletionRequest {
  return requestAt(cursor, settings);
}

/** Reads a prompt into a slot, nothing of which is cached. */
async function readPrompt(
  context: GenerationContext,
  request: CompletionRequest,
): Promise<{ readonly promptMs: number; readonly promptTokens: number }> {
  const { model } = context;
  const { kept } = completionPrompt(context, request);
  const slot = await model.acquire(kept);
  try {
    model.rewind(slot, 0);
    const began = context.now();
    await model.forward(slot, kept);
    return { promptMs: context.now() - began, promptTokens: kept.length };
  } finally {
    slot[Symbol.dispose]();
  }
}
