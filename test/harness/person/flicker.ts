import { drawn, hasGhost, type Frame, type PageRecord } from "./view";

/** A change of ghost text other than to appear, to be typed along, to give way to a key that disagrees, or to become longer. */
export interface Flicker {
  readonly key: string;
  /** The line before the cursor. */
  readonly line: string;
  readonly from: string;
  readonly to: string;
  readonly why: "vanishes" | "changes" | "comes back" | "stale";
}

/** A key, the last frame before it, and those until the next key. */
interface KeyFrames {
  readonly key: string;
  readonly at: number;
  readonly last: Frame | undefined;
  /** Only those that show the key's effect. */
  readonly frames: readonly Frame[];
}

function framesByKey({ keys, frames }: PageRecord): KeyFrames[] {
  return keys.map(({ key, at }, i) => {
    const last = frames.findLast((frame) => frame.keys <= i);
    const since = frames.filter((frame) => frame.keys === i + 1);
    const effect = since.findIndex((frame) => frame.before !== last?.before || frame.line !== last.line);
    return { key, at, last, frames: effect < 0 ? [] : since.slice(effect) };
  });
}

/** Whether `later` is the same suggestion, with more text at its end. The editor may draw the further lines of one before its first. */
function extendsText(earlier: Frame, later: Frame): boolean {
  if (earlier.ghost === "" && earlier.ghostLines.join("\n") === later.ghostLines.join("\n")) return true;
  const withoutOld = (frame: Frame) => {
    const text = drawn(frame);
    return frame.after !== "" && text.endsWith(frame.after) ? text.slice(0, -frame.after.length) : text;
  };
  return drawn(later).startsWith(drawn(earlier)) || withoutOld(later).startsWith(withoutOld(earlier));
}

/** What is to be seen once a key was typed along ghost text; undefined when it was another key. */
function typedAlong({ key, last }: KeyFrames): string | undefined {
  if (!last || !hasGhost(last) || key.length > 1 || !drawn(last).startsWith(key)) return undefined;
  return drawn(last).slice(1);
}

export function flickersOf(record: PageRecord): Flicker[] {
  return framesByKey(record).flatMap((pressed) => {
    const { key, last, frames } = pressed;
    const wanted = typedAlong(pressed);
    const found: Flicker[] = [];
    for (const [i, frame] of frames.entries()) {
      const add = (from: string, why: Flicker["why"]) =>
        found.push({ key, line: frame.before, from, to: drawn(frame), why });
      const previous = frames[i - 1];
      if (!previous) {
        if (wanted !== undefined && !drawn(frame).startsWith(wanted))
          add(wanted, hasGhost(frame) ? "changes" : "vanishes");
        else if (last && wanted === undefined && key.length === 1 && hasGhost(last) && drawn(frame) === drawn(last))
          add(drawn(last), "stale");
      } else if (hasGhost(previous) && !hasGhost(frame)) add(drawn(previous), "vanishes");
      else if (hasGhost(previous) && !extendsText(previous, frame)) add(drawn(previous), "changes");
      else if (wanted !== undefined && !hasGhost(previous) && hasGhost(frame) && drawn(frame).startsWith(wanted))
        add(wanted, "comes back");
    }
    return found;
  });
}

/** Milliseconds from each key that has ghost text after it to the first frame with that and the key's effect. */
export function latenciesOf(record: PageRecord): { readonly ms: number; readonly along: boolean }[] {
  return framesByKey(record).flatMap((pressed) => {
    if (pressed.key.length > 1 && pressed.key !== "Enter") return [];
    const shown = pressed.frames.find(hasGhost);
    return shown ? [{ ms: shown.at - pressed.at, along: typedAlong(pressed) !== undefined }] : [];
  });
}
