import type { Cursor } from "../../src/completion/core/cursor";
import { postprocess } from "../../src/completion/core/postprocess/index";
import { type Eagerness, thresholds } from "../../src/completion/core/ranking/eagerness";
import { firstLine } from "../../src/completion/core/ranking/lineCandidates";
import type { LineDecision } from "../../src/completion/core/ranking/suggestLine";
import type { Place } from "./places";

export const eagernesses = ["shy", "balanced", "eager"] as const satisfies readonly Eagerness[];
/** A beginning of a line, the rest of a line, or several lines. */
export const extents = ["part", "line", "lines"] as const;

/** A ghost text. */
export interface Shown {
  readonly extent: (typeof extents)[number];
  /** Empty when nothing is shown. */
  readonly text: string;
}

/** What is shown of a decision, after post-processing. */
export function shownOf(decision: LineDecision | undefined, cursor: Cursor): Shown {
  const text = postprocess(decision?.text ?? "", cursor)?.text ?? "";
  return { extent: decision?.part ? "part" : extentOf(text), text };
}

/** How much a text is that is no beginning of a line. */
export function extentOf(text: string): Shown["extent"] {
  return firstLine(text) === text ? "line" : "lines";
}

/** A ghost text at a place. */
export interface ShownAt extends Shown {
  /** Whether all of it is what was taken away: to the ends of its lines, or the beginning of the line where only that is shown. */
  readonly right: boolean;
}

export function shownAt(shown: Shown, place: Place): ShownAt {
  const missing = missingAt(place);
  const next = missing.charAt(shown.text.length);
  const isEnd = shown.extent === "part" || next === "" || next === "\n";
  return { ...shown, right: shown.text !== "" && missing.startsWith(shown.text) && isEnd };
}

/** All that was taken away at a place, without white space at the ends of its lines. */
function missingAt({ file, prefix, suffix, wanted }: Place): string {
  const text = file.text.startsWith(prefix) ? file.text.slice(prefix.length) : wanted;
  const missing = suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  return missing.replace(/[^\S\n]+$/gm, "");
}

/** What each eagerness shows. */
export type ShownByEagerness<T extends Shown> = Readonly<Record<Eagerness, T>>;

/** @param at what is shown at a threshold */
export async function byEagerness<T extends Shown>(
  at: (threshold: number) => Promise<T> | T,
): Promise<ShownByEagerness<T>> {
  const { shy, balanced, eager } = thresholds;
  return { shy: await at(shy), balanced: await at(balanced), eager: await at(eager) };
}
