import { indentationOf, languageOf } from "../../src/cli/language";
import type { Cursor } from "../../src/completion/core/cursor";
import { cursorAt } from "../../src/completion/core/cursorAt";
import { postprocess } from "../../src/completion/core/postprocess/index";
import { modelText } from "../../src/completion/core/postprocess/modelText";
import { firstLine } from "../../src/completion/core/ranking/lineCandidates";
import { suggestLine } from "../../src/completion/core/ranking/suggestLine";
import { requestAt } from "../../src/completion/core/request";
import { readSettings } from "../../src/completion/core/settings";
import type { WorkspaceMatch } from "../../src/completion/core/workspace/types";
import { complete } from "../../src/generation/complete";
import { scoreLines } from "../../src/generation/ranking/scoreLines";
import { completionPrompt } from "../../src/generation/prompt/completionPrompt";
import type { GenerationContext } from "../../src/generation/context";
import type { CompletionRequest } from "../../src/generation/request";
import type { Candidate } from "./candidate";
import { editSimilarity } from "./metrics";
import type { Place } from "./places";

/** What a model made of a place. */
export interface Outcome {
  readonly place: Place;
  /** The ghost text as far as it is compared: up to the end of its first line that is not blank. Empty when there is none. */
  readonly found: string;
  /** The same of the model's own text, before post-processing. */
  readonly raw: string;
  /** How likely the ranker thinks it is that the ghost text is right; 1 where nothing is ranked. */
  readonly probability: number;
  readonly exact: boolean;
  readonly rawExact: boolean;
  /** 0 to 100. */
  readonly similarity: number;
  /** Milliseconds from the keystroke until the first line is known, with the text before that keystroke in the cache. */
  readonly lineMs: number;
  /** Milliseconds to read all of the prompt, as after a jump to another place. */
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
  readonly probability: number;
  /** The model's own text. */
  readonly raw: string;
}

/**
 * Completes at a place as the extension does: same window, prompt, healing, stop rules, ranking and post-processing.
 * @param lookup finds lines in the workspace; without it the model's text is not ranked
 * @param onText receives the model's text as it grows
 */
export async function ghostAt(
  context: GenerationContext,
  cursor: Cursor,
  lookup?: Lookup,
  onText: (text: string) => void = () => undefined,
): Promise<Ghost> {
  const control = { arrivedAt: context.now(), onText, signal: { aborted: false }, pause: () => Promise.resolve() };
  const raw = modelText(await complete(context, requestIn(cursor), control), cursor);
  if (!lookup) return { raw, shown: postprocess(raw, cursor)?.text ?? "", probability: 1 };
  const matches = lookup(cursor.before, cursor.after);
  const decision = await suggestLine({ cursor, settings, modelText: raw, matches, threshold: 0 }, (request) =>
    scoreLines(context, request, control),
  );
  const shown = postprocess(decision?.text ?? "", cursor)?.text ?? "";
  return { raw, shown, probability: decision?.lines[0]?.probability ?? 0 };
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
  const context = candidate.context();
  const { prefix, wanted } = place;
  const suffix = withSuffix ? place.suffix : "";
  const before = cursorIn(place, prefix.slice(0, -1), suffix);
  const { promptMs, promptTokens } = await readPrompt(context, requestIn(before));

  const arrivedAt = context.now();
  let lineAt: number | undefined;
  const ghost = await ghostAt(context, cursorIn(place, prefix, suffix), lookup, (text) => {
    // A ranked line is known at the end only.
    if (!lookup && lineAt === undefined && /\S.*\n/.test(text)) lineAt = context.now();
  });
  const lineMs = (lineAt ?? context.now()) - arrivedAt;

  const { probability } = ghost;
  const [found, raw] = [firstLine(ghost.shown), firstLine(ghost.raw)];
  const similarity = editSimilarity(found.trim(), wanted.trim());
  const [exact, rawExact] = [found === wanted, raw === wanted];
  return { place, found, raw, probability, exact, rawExact, similarity, lineMs, promptMs, promptTokens };
}

/** The cursor between two texts in the place's file. */
export function cursorIn({ file }: Place, prefix: string, suffix: string): Cursor {
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
