/** What the delay before a request depends on. All times are in milliseconds. */
export interface Rhythm {
  /** Between keys that follow each other without a pause. */
  readonly intervals: readonly number[];
  /** From a request to its suggestion. */
  readonly responses: readonly number[];
  /** What became of the last suggestions. */
  readonly outcomes: readonly SuggestionOutcome[];
}

export interface SuggestionOutcome {
  readonly accepted: boolean;
  /** How long ago. */
  readonly age: number;
}

/** The editor waits so long before it asks for a suggestion. */
const editorDelay = 50;
/** Nobody waits longer than this for a request to be sent. */
export const longestDelay = 500;

/** While nothing is known. */
const usualInterval = 200;
const usualResponse = 100;
/** An outcome counts less and less, and no longer after this time. */
const outcomeLifetime = 10 * 60_000;
const perAcceptance = 0.8;
const perRejection = 1.1;
const leastFactor = 0.5;
const greatestFactor = 2;

/**
 * The delay between a key and the request for a suggestion. There is none while suggestions come between two keys. The longer they take
 * compared with that, the more requests would be for a text that is outdated by the next key, up to the point where only a pause in typing
 * leads to a request. Suggestions that are accepted shorten the wait, those that are not lengthen it.
 */
export function adaptiveDelay({ intervals, responses, outcomes }: Rhythm): number {
  const interval = quantile(intervals, 0.5) ?? usualInterval;
  const response = quantile(responses, 0.5) ?? usualResponse;
  const pause = 1.25 * (quantile(intervals, 0.8) ?? usualInterval);
  // 0: a suggestion comes before the next key; 1: it takes until the key after that.
  const lateness = clamp((editorDelay + response) / interval - 1, 0, 1);
  const wait = editorDelay + lateness * Math.max(0, pause - editorDelay);
  return Math.round(clamp(wait * patience(outcomes) - editorDelay, 0, longestDelay));
}

/** The factor that the last outcomes make of the wait. */
function patience(outcomes: readonly SuggestionOutcome[]): number {
  const logarithm = outcomes.reduce((sum, { accepted, age }) => {
    const weight = clamp(1 - age / outcomeLifetime, 0, 1);
    return sum + weight * Math.log(accepted ? perAcceptance : perRejection);
  }, 0);
  return clamp(Math.exp(logarithm), leastFactor, greatestFactor);
}

/** @returns undefined for no values */
function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}

function clamp(value: number, least: number, greatest: number): number {
  return Math.min(greatest, Math.max(least, value));
}
