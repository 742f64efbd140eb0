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
  [-3.454, 3.148, 0.622],
  // log-probability per character
  [-1.723, 2.388, 0.5364],
  // least likely token
  [-8.578, 5.01, 0.7465],
  // first token
  [-1.716, 3.724, -0.05455],
  // end of the line
  [-0.8268, 2.115, 0.3632],
  // written by the model
  [0.1176, 0.3222, 0.4672],
  // written by the model, log-probability
  [-0.4519, 2.249, 0.6683],
  // written by the model, log of the longest match
  [0.3722, 1.077, -0.1878],
  // match length, share of what is compared
  [0.1204, 0.1727, 0.2903],
  // log of the match length
  [2.231, 1.067, -0.2632],
  // log of the longest match at the cursor
  [3.165, 0.9943, 0.09838],
  // has the longest match
  [0.2842, 0.451, 0.2985],
  // lines with the longest match
  [2.458, 2.186, -0.1928],
  // same next line
  [0.1686, 0.3744, 0.1099],
  // log of the occurrences
  [1.227, 0.9531, 0.216],
  // share of the occurrences
  [0.1175, 0.1478, -0.0939],
  // log of the names that are not near
  [0.485, 0.5238, 0.09254],
  // share of the names that are not near
  [0.3759, 0.4167, 0.002659],
  // share of the model's probability
  [0.1179, 0.2879, 0.3693],
  // lines to choose from
  [8.614, 0.6904, 0.04125],
  // opens what follows
  [0.1696, 0.3753, 0.0006143],
  // opens, but nothing follows in it
  [0.08531, 0.2793, -0.074],
  // does not open what follows
  [0.03063, 0.1723, -0.1214],
  // log of the tokens alike before
  [1.516, 0.9438, 0.1176],
  // log of the tokens alike after
  [0.7906, 1.068, 0.1599],
  // most tokens alike before
  [0.2677, 0.4428, 0.09417],
  // most tokens alike after
  [0.1679, 0.3738, 0.1583],
  // stands near already
  [0.1078, 0.3101, -0.2309],
  // is the next line
  [0.01281, 0.1125, -0.2642],
  // is in the same file
  [0.3044, 0.4602, -0.2798],
  // selection, below the best line
  [-4.102, 4.081, 0.2744],
  // share by selection
  [0.1179, 0.2161, 0.5369],
  // is renamed
  [0.1199, 0.3248, 0.05777],
];

/**
 * Written by `npm run fit-ranker`, from 8000 choices at places in arrow-py/arrow, benoitc/gunicorn, colinhacks/zod, encode/httpx, encode/starlette, expressjs/express, honojs/hono, immerjs/immer, koajs/koa, marshmallow-code/marshmallow, mochajs/mocha, pallets/click, pallets/jinja, pallets/werkzeug, pmndrs/jotai, pmndrs/zustand, preactjs/preact, python-attrs/attrs, reduxjs/redux-toolkit, sindresorhus/got, tj/commander.js, vercel/swr, vuejs/pinia.
 */
export const coefficients: RankerCoefficients = {
  intercept: -4.865,
  means: features.map(([mean]) => mean),
  deviations: features.map(([, deviation]) => deviation),
  weights: features.map(([, , weight]) => weight),
};
