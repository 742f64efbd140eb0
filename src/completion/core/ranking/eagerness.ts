export const eagernesses = ["shy", "balanced", "eager"] as const;
/** How sure a line must be to be shown. */
export type Eagerness = (typeof eagernesses)[number];

/**
 * The least probability of a line that is shown. On repositories that neither model nor ranker had seen, about 75, 64 and 57 % of the
 * lines shown were right; `npm run eval` measures it.
 */
export const thresholds: Readonly<Record<Eagerness, number>> = { shy: 0.45, balanced: 0.2, eager: 0.1 };
