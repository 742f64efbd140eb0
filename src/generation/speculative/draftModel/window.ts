import { commonPrefix } from "../../../gpt2/kvCache/cachePool";

type Tokens = readonly number[];

/** The part of a sequence that a draft model reads. */
export interface DraftWindow {
  /** The index of its first token in the sequence. */
  readonly start: number;
  readonly tokens: Tokens;
}

export interface DraftWindowSize {
  /** Tokens of a new window: enough to predict most of what comes next. */
  readonly initial: number;
  /** Tokens at which a window is replaced by a new one. */
  readonly max: number;
}

/**
 * The window over the end of a sequence. It keeps the start of the previous window, and with it what is cached, as long as few tokens
 * must be read and enough context is left. Otherwise a new window begins shortly before the end.
 */
export function draftWindow(sequence: Tokens, previous: DraftWindow | undefined, size: DraftWindowSize): DraftWindow {
  const { initial, max } = size;
  if (previous) {
    const tokens = sequence.slice(previous.start);
    const unread = tokens.length - commonPrefix(tokens, previous.tokens);
    const isLongEnough = tokens.length >= Math.min(sequence.length, initial / 2);
    if (isLongEnough && unread <= initial && tokens.length <= max) return { start: previous.start, tokens };
  }
  const start = Math.max(0, sequence.length - initial);
  return { start, tokens: sequence.slice(start) };
}
