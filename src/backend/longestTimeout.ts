/** The longest time that a timer takes, in milliseconds: `setTimeout` and `AbortSignal.timeout` end a longer one at once. */
export const longestTimeout = 2 ** 31 - 1;
