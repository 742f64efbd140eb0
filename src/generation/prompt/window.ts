/** How the context is shared out among the parts of a prompt, in tokens. */
export interface Budget {
  /** Header and text before the cursor. */
  readonly prefix: number;
  readonly suffix: number;
}

/**
 * Room is kept for what will be generated, in eighths of the context so that a somewhat longer request does not move the window,
 * and at most half: a longer text moves the window while it grows. The suffix may have a quarter of what is left, as in training.
 * @param special tokens of the layout itself.
 */
export function budget(contextLength: number, maxTokens: number, special: number, withSuffix: boolean): Budget {
  const eighth = Math.max(1, Math.floor(contextLength / 8));
  const reserve = Math.min(Math.ceil(maxTokens / eighth) * eighth, Math.floor(contextLength / 2));
  const room = Math.max(1, contextLength - reserve - special);
  const suffix = withSuffix ? Math.floor(room / 4) : 0;
  return { prefix: room - suffix, suffix };
}

/** How many tokens before the window moves the next one is worth reading: some lines of code, and few enough not to wait for long. */
export function nearMove(contextLength: number): number {
  return Math.floor(contextLength / 16);
}

/**
 * Where the window over a text of `written` tokens begins. It stays while the text grows by a quarter of the window and then moves
 * by a quarter at once, to the first line start there is: one more token seldom changes the tokens before it, so they stay cached.
 * @param capacity tokens that the window may hold; the result leaves at most so many, and at least half of them.
 * @param growth looks ahead: where the window will begin when the text is so many tokens longer, at most a quarter of the capacity.
 */
export function windowStart(
  written: number,
  capacity: number,
  isLineStart: (index: number) => boolean,
  growth = 0,
): number {
  const length = written + growth;
  if (length <= capacity) return 0;
  const step = Math.max(1, Math.floor(capacity / 4));
  const earliest = Math.ceil((length - capacity) / step) * step;
  for (let index = earliest; index < earliest + step; index++) {
    if (isLineStart(index)) return index;
  }
  return earliest;
}
