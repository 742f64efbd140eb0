import type { Candidate } from "./candidate";
import { firstLine } from "../../src/completion/core/ranking/lineCandidates";
import { thresholds } from "../../src/completion/core/ranking/eagerness";
import { cursorIn, ghostAt, type Lookup } from "./complete";
import type { Place } from "./places";
import type { Shown } from "./shown";

/** How a line was written. */
export interface TypedLine {
  readonly place: Place;
  /** Characters that did not have to be typed, less the key that accepts the ghost text. */
  readonly saved: number;
  /** How often the model was asked. */
  readonly requests: number;
}

/**
 * Types the wanted line character by character, and accepts the first line of a ghost text when it is all that is left of the line, or a
 * beginning of that where only a beginning is shown. As in the extension a ghost text stays while what is typed agrees with it.
 */
export async function typeLine(candidate: Candidate, place: Place, lookup?: Lookup): Promise<TypedLine> {
  const answers = candidate.answers();
  const { prefix, wanted, suffix } = place;
  let ghost: Shown = { extent: "line", text: "" };
  let requests = 0;
  let saved = 0;
  for (let typed = 0; typed < wanted.length;) {
    const left = wanted.slice(typed);
    if (ghost.text === "") {
      const cursor = cursorIn(place, prefix + wanted.slice(0, typed), suffix);
      const { extent, text } = await (await ghostAt(answers, cursor, lookup)).at(thresholds.balanced);
      ghost = { extent, text: firstLine(text) };
      requests++;
    }
    const { extent, text } = ghost;
    const isRight = text !== "" && (extent === "part" ? left.startsWith(text) : left === text);
    const length = isRight ? text.length : 1;
    saved += length - 1;
    typed += length;
    ghost = { extent, text: text.startsWith(left.slice(0, length)) ? text.slice(length) : "" };
  }
  return { place, saved, requests };
}
