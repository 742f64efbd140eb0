import type { Candidate } from "./candidate";
import { firstLine } from "../../src/completion/core/ranking/lineCandidates";
import { thresholds } from "../../src/completion/core/ranking/eagerness";
import { cursorIn, ghostAt, type Lookup } from "./complete";
import type { Place } from "./places";

/** How a line was written. */
export interface TypedLine {
  readonly place: Place;
  /** Characters that did not have to be typed, less the key that accepts the ghost text. */
  readonly saved: number;
  /** How often the model was asked. */
  readonly requests: number;
}

/**
 * Types the wanted line character by character, until the first line of the ghost text is all that is left of it. As in the extension
 * a ghost text stays while what is typed agrees with it.
 */
export async function typeLine(candidate: Candidate, place: Place, lookup?: Lookup): Promise<TypedLine> {
  const context = candidate.context();
  const { prefix, wanted, suffix } = place;
  let ghost = "";
  let requests = 0;
  for (let typed = 0; typed < wanted.length; typed++) {
    const left = wanted.slice(typed);
    if (ghost === "") {
      const cursor = cursorIn(place, prefix + wanted.slice(0, typed), suffix);
      const { shown, probability } = await ghostAt(context, cursor, lookup);
      ghost = probability < thresholds.balanced ? "" : firstLine(shown);
      requests++;
    }
    if (ghost === left) return { place, saved: left.length - 1, requests };
    ghost = ghost.startsWith(left.charAt(0)) ? ghost.slice(1) : "";
  }
  return { place, saved: 0, requests };
}
