export const eagernesses = ["shy", "balanced", "eager"] as const;
/** How sure a line must be to be shown. */
export type Eagerness = (typeof eagernesses)[number];

/**
 * The least probability of a line that is shown. On repositories that neither model nor ranker had seen, about 77, 70 and 54 % of
 * what was shown was right (near-copies of the file left out: 74, 68 and 50 %); `npm run eval` measures it.
 */
export const thresholds: Readonly<Record<Eagerness, number>> = { shy: 0.45, balanced: 0.3, eager: 0.1 };
