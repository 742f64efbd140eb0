/** Weights of `selectionFeatureNames`. Written by `npm run fit-ranker -- --selection`. */
export const selectionWeights: readonly number[] = [
  // log of the match length
  1.55,
  // log of the occurrences
  0.5073,
  // same next line
  0.7073,
  // same file
  0.8612,
  // log of the names that are not near
  -2.078,
  // opens, but nothing follows in it
  -1.37,
  // does not open what follows
  -2.509,
  // log of the tokens alike before
  1.846,
  // log of the tokens alike after
  0.5638,
];
