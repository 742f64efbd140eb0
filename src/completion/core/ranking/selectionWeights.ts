/** Weights of `selectionFeatureNames`. Written by `npm run fit-ranker -- --selection`. */
export const selectionWeights: readonly number[] = [
  // log of the match length
  1.822,
  // log of the occurrences
  0.6301,
  // same next line
  1.039,
  // same file
  1.384,
  // log of the names that are not near
  -1.719,
  // opens, but nothing follows in it
  -1.456,
  // does not open what follows
  -2.39,
  // log of the tokens alike before
  1.28,
  // log of the tokens alike after
  0.6582,
  // is renamed
  -0.5844,
];
