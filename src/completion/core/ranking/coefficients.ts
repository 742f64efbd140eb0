/** A logistic regression over standardized features, see `featureNames`. */
export interface RankerCoefficients {
  readonly intercept: number;
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly weights: readonly number[];
}

/** Mean, standard deviation and weight of each feature. */
const features: readonly (readonly [mean: number, deviation: number, weight: number])[] = [
  // log-probability per token
  [-3.302, 2.258, 0.3003],
  // log-probability per character
  [-1.41, 1.531, 0.3595],
  // least likely token
  [-8.501, 4.307, 0.6775],
  // first token
  [-1.579, 3.171, -0.2019],
  // end of the line
  [-0.7623, 1.76, 0.3274],
  // written by the model
  [0.1192, 0.324, 0.7098],
  // written by the model, log-probability
  [-0.7517, 3.388, 0.6355],
  // written by the model, log of the longest match
  [0.3777, 1.084, -0.3525],
  // match length, share of what is compared
  [0.112, 0.158, 0.801],
  // log of the match length
  [2.223, 1.025, -0.2038],
  // log of the longest match at the cursor
  [3.154, 0.987, -0.1995],
  // has the longest match
  [0.2859, 0.4518, 0.6879],
  // lines with the longest match
  [2.469, 2.358, -0.5578],
  // same next line
  [0.1804, 0.3845, 0.4314],
  // log of the occurrences
  [1.078, 0.9577, 0.03568],
  // share of the occurrences
  [0.1188, 0.1335, 0.2474],
  // log of the names that are not near
  [0.8719, 0.6589, -0.3656],
  // share of the names that are not near
  [0.5775, 0.4074, 0.151],
  // share of the model's probability
  [0.1192, 0.2907, 0.1954],
  // lines to choose from
  [8.628, 0.9073, 0.1067],
];

/**
 * Written by `npm run fit-ranker`, from 1120 choices at places in encode/httpx, expressjs/express, honojs/hono, immerjs/immer, koajs/koa, marshmallow-code/marshmallow, mochajs/mocha, pallets/click, pmndrs/zustand, python-attrs/attrs, reduxjs/redux-toolkit.
 */
export const coefficients: RankerCoefficients = {
  intercept: -4.871,
  means: features.map(([mean]) => mean),
  deviations: features.map(([, deviation]) => deviation),
  weights: features.map(([, , weight]) => weight),
};
