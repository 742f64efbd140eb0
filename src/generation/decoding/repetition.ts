/** A text is degenerate when its last `length` tokens repeat with a period of at most `period` tokens. */
const degenerate = [
  { length: 10, period: 1 },
  { length: 30, period: 10 },
  { length: 45, period: 20 },
  { length: 60, period: 30 },
] as const;

/** Whether a text has begun to go in circles, as greedy decoding of a small model does. Longer circles need more proof. */
export function isRepeating(tokens: readonly number[]): boolean {
  return degenerate.some(({ length, period }) => tokens.length >= length && smallestPeriod(tokens, length) <= period);
}

/** The smallest p for which the last `length` tokens equal those p before them (within these last tokens). */
function smallestPeriod(tokens: readonly number[], length: number): number {
  const first = tokens.length - length;
  for (let period = 1; period < length; period++) {
    let index = first + period;
    while (index < tokens.length && tokens[index] === tokens[index - period]) index++;
    if (index === tokens.length) return period;
  }
  return length;
}
