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
  [-3.214, 2.663, 0.442],
  // log-probability per character
  [-1.641, 2.087, 0.5676],
  // least likely token
  [-7.6, 4.195, 0.4744],
  // first token
  [-1.545, 3.138, -0.1476],
  // end of the line
  [-0.8217, 1.835, 0.4396],
  // written by the model
  [0.1174, 0.3219, 0.4987],
  // written by the model, log-probability
  [-0.6995, 3.083, 0.6712],
  // written by the model, log of the longest match
  [0.3708, 1.076, -0.2327],
  // match length, share of what is compared
  [0.1093, 0.1593, 0.5994],
  // log of the match length
  [2.178, 1.029, -0.3086],
  // log of the longest match at the cursor
  [3.15, 1.009, -0.05362],
  // has the longest match
  [0.2587, 0.4379, 0.2017],
  // lines with the longest match
  [2.25, 2.109, -0.2447],
  // same next line
  [0.1332, 0.3398, 0.1373],
  // log of the occurrences
  [1.178, 0.8935, 0.3568],
  // share of the occurrences
  [0.117, 0.1417, -0.1291],
  // log of the names that are not near
  [0.4471, 0.5063, -0.01102],
  // share of the names that are not near
  [0.3532, 0.4114, 0.08766],
  // share of the model's probability
  [0.1174, 0.2753, 0.2541],
  // lines to choose from
  [8.658, 0.6935, 0.07747],
  // opens what follows
  [0.1926, 0.3943, 0.04963],
  // opens, but nothing follows in it
  [0.09752, 0.2967, -0.1322],
  // does not open what follows
  [0.03932, 0.1944, -0.07098],
  // log of the tokens alike before
  [1.429, 0.891, -0.05363],
  // log of the tokens alike after
  [0.6279, 1.003, 0.1243],
  // most tokens alike before
  [0.2615, 0.4395, 0.002635],
  // most tokens alike after
  [0.1605, 0.3671, 0.1282],
  // stands near already
  [0.1236, 0.3292, -0.08006],
  // is the next line
  [0.009096, 0.09494, -0.1791],
  // is in the same file
  [0.2973, 0.4571, -0.4047],
  // selection, below the best line
  [-4.178, 4.085, 0.1316],
  // share by selection
  [0.1174, 0.2195, 0.7143],
];

/**
 * Written by `npm run fit-ranker`, from 1200 choices at places in encode/httpx, expressjs/express, honojs/hono, immerjs/immer, koajs/koa, marshmallow-code/marshmallow, mochajs/mocha, pallets/click, pmndrs/zustand, python-attrs/attrs, reduxjs/redux-toolkit.
 */
export const coefficients: RankerCoefficients = {
  intercept: -4.82,
  means: features.map(([mean]) => mean),
  deviations: features.map(([, deviation]) => deviation),
  weights: features.map(([, , weight]) => weight),
};
