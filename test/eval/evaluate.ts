import { seededRandom } from "../../src/generation/sampling/random";
import type { Candidate } from "./candidate";
import { completePlace, type Lookup, type Outcome } from "./complete";
import { headerOf, type SourceFile } from "./files";
import { evaluatedLanguage, languages, type Place } from "./places";
import type { Repositories, WorkspaceMode } from "./workspace";
import { typeLine, type TypedLine } from "./typing";
import { textLoss, type TextLoss } from "./textLoss";

/** What one model made of all places and texts, in their order. */
export interface Evaluation {
  readonly candidate: Candidate;
  readonly workspace: WorkspaceMode;
  readonly withSuffix: Outcome[];
  readonly withoutSuffix: Outcome[];
  readonly lines: TypedLine[];
  readonly losses: { readonly file: SourceFile; readonly loss: TextLoss }[];
}

/** A long file is read up to here, so that it does not take the place of several. */
const longestText = 12_000;

/** Files of running text with about so many characters in all, from each language in turn. */
export function drawTexts(files: readonly SourceFile[], characters: number, seed: number): SourceFile[] {
  const random = seededRandom(seed);
  const left = languages.map((language) => files.filter((file) => evaluatedLanguage(file) === language));
  const texts: SourceFile[] = [];
  for (let missing = characters, turn = 0; missing > 0 && left.some(({ length }) => length > 0); turn++) {
    const among = left[turn % left.length] ?? [];
    const [file] = among.splice(Math.floor(random() * among.length), 1);
    if (!file) continue;
    const text = cutAtLineEnd(file.text, longestText);
    texts.push({ ...file, text });
    missing -= text.length;
  }
  return texts;
}

function cutAtLineEnd(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, text.lastIndexOf("\n", length) + 1 || length);
}

/** What the models are to do. */
export interface Tasks {
  readonly places: readonly Place[];
  /** New lines, to be typed. */
  readonly lines: readonly Place[];
  readonly texts: readonly SourceFile[];
  /** Where lines are looked up. */
  readonly workspace: WorkspaceMode;
  readonly repositories: Pick<Repositories, "find">;
  /** Whether places are also completed as at the end of the document; a model that knows no suffix always does. */
  readonly isWithoutSuffix?: boolean;
}

/**
 * Has all models read all texts, complete at all places and type all lines. They take turns, each beginning as often as the others,
 * so that what else the machine does falls on all of them.
 * @param onProgress hears how much of the work is done, from 0 to 1
 */
export async function evaluate(
  candidates: readonly Candidate[],
  { places, lines, texts, workspace, repositories, isWithoutSuffix = true }: Tasks,
  onProgress: (share: number) => void,
): Promise<Evaluation[]> {
  const evaluations: Evaluation[] = candidates.map((candidate) => ({
    candidate,
    workspace,
    withSuffix: [],
    withoutSuffix: [],
    lines: [],
    losses: [],
  }));
  const lookupAt = ({ file }: Place): Lookup | undefined =>
    workspace === "none" ? undefined : (prefix, suffix) => repositories.find(file, workspace, prefix, suffix);
  const total = texts.length + places.length + lines.length;
  let done = 0;
  for (const file of texts) {
    for (const { candidate, losses } of inTurn(evaluations, done)) {
      losses.push({ file, loss: await textLoss(candidate.model, candidate.tokenizer, headerOf(file), file.text) });
    }
    onProgress(++done / total);
  }
  for (const place of places) {
    for (const { candidate, withSuffix, withoutSuffix } of inTurn(evaluations, done)) {
      const { fim } = candidate.tokenizer;
      if (fim) withSuffix.push(await completePlace(candidate, place, true, lookupAt(place)));
      if (!fim || isWithoutSuffix) withoutSuffix.push(await completePlace(candidate, place, false, lookupAt(place)));
    }
    onProgress(++done / total);
  }
  for (const line of lines) {
    for (const { candidate, lines: typed } of inTurn(evaluations, done))
      typed.push(await typeLine(candidate, line, lookupAt(line)));
    onProgress(++done / total);
  }
  return evaluations;
}

function inTurn<T>(items: readonly T[], turn: number): T[] {
  const first = turn % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
