/** What a token's shade shows: the values from which each step of shading begins, and how a value is written. */
export interface Scale {
  /** Rising; the style sheet has a class for each step. */
  readonly steps: readonly number[];
  readonly write: (value: number) => string;
}

/** The step of a value: 0 for none, else how many beginnings it has reached. */
export function shadeOf(value: number | undefined, { steps }: Scale): number {
  return value === undefined ? 0 : steps.filter((begin) => value >= begin).length;
}
