export const eagernesses = ["shy", "balanced", "eager"] as const;
/** How sure a line must be to be shown. */
export type Eagerness = (typeof eagernesses)[number];

/**
 * The least probability of a line that is shown. On repositories that neither model nor ranker had seen, about 78, 66 and 56 % of
 * what was shown was right (near-copies of the file left out: 74, 63 and 51 %); `npm run eval` measures it.
 */
export const thresholds: Readonly<Record<Eagerness, number>> = { shy: 0.45, balanced: 0.25, eager: 0.1 };
