/** How many tokens of the context each part of a prompt may use. */
export interface Budget {
  /** Header and text before the cursor. */
  readonly prefix: number;
  readonly suffix: number;
}

/**
 * Divides the context among the parts of a prompt. Part of it is reserved for the generated tokens: in eighths of the context, so that a
 * somewhat longer request does not move the window, and at most half, so that a longer text moves the window while it grows. The suffix
 * gets up to a quarter of the rest, as in training.
 * @param special how many special tokens the layout needs
 */
export function budget(contextLength: number, maxTokens: number, special: number, withSuffix: boolean): Budget {
  const eighth = Math.max(1, Math.floor(contextLength / 8));
  const reserve = Math.min(Math.ceil(maxTokens / eighth) * eighth, Math.floor(contextLength / 2));
  const available = Math.max(1, contextLength - reserve - special);
  const suffix = withSuffix ? Math.floor(available / 4) : 0;
  return { prefix: available - suffix, suffix };
}

/** How many tokens before the window moves the next window is prefilled: a few lines of code, so that it is used soon. */
export function nearMove(contextLength: number): number {
  return Math.floor(contextLength / 16);
}

/**
 * The index at which the window over a text of `length` tokens begins. It stays fixed while the text grows by a quarter of the window
 * and then moves by a quarter at once, to the next line start: so one more token seldom changes the window, and it stays cached.
 * @param capacity the most tokens that the window may hold; it always holds at least half as many of a longer text
 * @param isLineStart whether a line begins at the token with this index
 * @param growth looks ahead: the window of a text this many tokens longer, at most a quarter of the capacity
 */
export function windowStart(
  length: number,
  capacity: number,
  isLineStart: (index: number) => boolean,
  growth = 0,
): number {
  const grown = length + growth;
  if (grown <= capacity) return 0;
  const step = Math.max(1, Math.floor(capacity / 4));
  const earliest = Math.ceil((grown - capacity) / step) * step;
  for (let index = earliest; index < earliest + step; index++) {
    if (isLineStart(index)) return index;
  }
  return earliest;
}
