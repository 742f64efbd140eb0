import type { LongestCandidates } from "./candidates";
import { anchorDistance, boundary, isInsideBlank } from "./positions";
import { chunkAt, commonBytes, lowerBound, type PlacedChunk, type Segment } from "./segment";
import { longestContext } from "./sortPositions";
import { encodeText } from "./text";

/** So many positions of a segment are taken: where more have the same text before them, it says little. */
const mostPerSegment = 64;
/** So many are looked at for those that go on with what was typed. */
const mostLookedAt = 1024;
/** Inside a long word, the word must begin alike, so far: too many words have a letter in common. */
const leastCommonInWord = 3;

/** What is searched for: the text before a cursor. All three begin with {@link boundary}. */
export interface Needle {
  readonly whole: Uint8Array;
  /** Up to the last position that is indexed wherever this text stands; undefined when there is none. */
  readonly context: Uint8Array | undefined;
  /** From there to the cursor. */
  readonly typed: Uint8Array;
}

export function needleOf(prefix: string): Needle {
  // A character has at least one byte.
  const bytes = encodeText(prefix.slice(-longestContext)).slice(-longestContext);
  const distance = anchorDistance(bytes);
  const anchor = bytes.length - (distance ?? 0);
  return {
    whole: afterBoundary(bytes),
    context: distance === undefined ? undefined : afterBoundary(bytes.subarray(0, anchor)),
    typed: bytes.subarray(anchor),
  };
}

/** Where the needle would stand in a segment's order, between its longest matches. */
interface Start {
  readonly segment: Segment;
  readonly place: number;
  /** Bytes of the longest match. */
  readonly longest: number;
}

/** Searches the sorted positions of segments. Those with the longest matches come first, so that few positions of the others are looked at. */
export function searchSegments(segments: readonly Segment[], needle: Needle, found: LongestCandidates): void {
  const { context } = needle;
  if (!context) return;
  const starts = segments.map((segment): Start => {
    const place = lowerBound(segment, context);
    return {
      segment,
      place,
      longest: Math.max(commonAt(segment, place, context), commonAt(segment, place - 1, context)),
    };
  });
  starts.sort((a, b) => b.longest - a.longest);
  for (const start of starts) {
    if (start.longest < 1 || !found.accepts(start.longest + needle.typed.length)) return;
    collect(start, context, needle.typed, found);
  }
}

/** Walks through the order to both sides, the longer matches first. */
function collect({ segment, place }: Start, context: Uint8Array, typed: Uint8Array, found: LongestCandidates): void {
  let above = place;
  let below = place - 1;
  let commonAbove = commonAt(segment, above, context);
  let commonBelow = commonAt(segment, below, context);
  const least = typed.length > 0 ? leastCommonInWord : 1;
  let taken = 0;
  for (let looked = 0; looked < mostLookedAt && taken < mostPerSegment; looked++) {
    const common = Math.max(commonAbove, commonBelow);
    if (common < least || !found.accepts(common + typed.length)) return;
    const position = segment.order[commonAbove === common ? above : below] as number;
    if (commonAbove === common) commonAbove = commonAt(segment, ++above, context);
    else commonBelow = commonAt(segment, --below, context);
    if (!startsWith(segment.text, position, typed)) continue;
    const placed = chunkAt(segment, position);
    if (!placed.chunk.file.current) continue;
    taken++;
    const length = Math.min(common + typed.length, longestContext);
    found.add({ text: segment.text, placed, position: position + typed.length, length });
  }
}

/** Bytes before the position at a place in the order that are equal to the needle's last ones. */
function commonAt({ text, order }: Segment, place: number, needle: Uint8Array): number {
  const position = order[place];
  return position === undefined ? 0 : commonBytes(text, position, needle);
}

/** Searches every position of a chunk that has no order. @param text holds the chunk, and is searched nowhere else */
export function searchText(text: Uint8Array, placed: PlacedChunk, { whole }: Needle, found: LongestCandidates): void {
  const last = whole[whole.length - 1] as number;
  if (last === boundary) return;
  const { base, chunk } = placed;
  const start = base + chunk.start - chunk.textStart;
  const end = base + chunk.end - chunk.textStart;
  for (let at = text.indexOf(last, Math.max(0, start - 1)); at >= 0 && at < end - 1; at = text.indexOf(last, at + 1)) {
    const length = commonBytes(text, at + 1, whole);
    if (found.accepts(length) && !isInsideBlank(text, at + 1)) {
      found.add({ text, placed, position: at + 1, length });
    }
  }
}

function afterBoundary(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + 1);
  whole[0] = boundary;
  whole.set(bytes, 1);
  return whole;
}

export function startsWith(text: Uint8Array, position: number, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (text[position + i] !== start[i]) return false;
  return true;
}
