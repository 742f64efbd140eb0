import { commonPrefix } from "../../gpt2/kvCache/cachePool";

type Tokens = readonly number[];

/** The part of a text that a draft model reads. */
export interface DraftWindow {
  /** Where it begins in the text's tokens. */
  readonly start: number;
  readonly tokens: Tokens;
}

export interface DraftWindowSize {
  /** Tokens that a window has when it begins: as many as say most of what comes next. */
  readonly fresh: number;
  /** Tokens that it grows to before another one begins. */
  readonly longest: number;
}

/**
 * The window on the end of a text. It begins where the one before began as long as that leaves little to read and enough to go by, so
 * that what is cached for it goes on; otherwise it begins anew a little before the end.
 */
export function draftWindow(sequence: Tokens, before: DraftWindow | undefined, size: DraftWindowSize): DraftWindow {
  const { fresh, longest } = size;
  if (before) {
    const tokens = sequence.slice(before.start);
    const unread = tokens.length - commonPrefix(tokens, before.tokens);
    const enough = tokens.length >= Math.min(sequence.length, fresh / 2);
    if (enough && unread <= fresh && tokens.length <= longest) return { start: before.start, tokens };
  }
  const start = Math.max(0, sequence.length - fresh);
  return { start, tokens: sequence.slice(start) };
}
