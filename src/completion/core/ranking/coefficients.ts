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
  [-3.571, 3.272, 0.5966],
  // log-probability per character
  [-1.849, 2.552, 0.5265],
  // least likely token
  [-8.509, 4.955, 0.6528],
  // first token
  [-1.792, 3.816, -0.0172],
  // end of the line
  [-0.856, 2.137, 0.3576],
  // written by the model
  [0.1176, 0.3222, 0.4891],
  // written by the model, log-probability
  [-0.4518, 2.249, 0.7639],
  // written by the model, log of the longest match
  [0.3721, 1.077, -0.1858],
  // match length, share of what is compared
  [0.1143, 0.1652, 0.3991],
  // log of the match length
  [2.194, 1.052, -0.2921],
  // log of the longest match at the cursor
  [3.165, 0.9947, 0.06521],
  // has the longest match
  [0.2621, 0.4398, 0.2858],
  // lines with the longest match
  [2.265, 2.135, -0.1951],
  // same next line
  [0.1371, 0.344, 0.1376],
  // log of the occurrences
  [1.206, 0.9335, 0.3008],
  // share of the occurrences
  [0.1175, 0.1502, -0.09261],
  // log of the names that are not near
  [0.4913, 0.5174, 0.08972],
  // share of the names that are not near
  [0.397, 0.4252, -0.03565],
  // share of the model's probability
  [0.1179, 0.288, 0.3739],
  // lines to choose from
  [8.619, 0.6993, 0.04124],
  // opens what follows
  [0.1697, 0.3754, -0.01411],
  // opens, but nothing follows in it
  [0.09123, 0.2879, -0.0737],
  // does not open what follows
  [0.0308, 0.1728, -0.1185],
  // log of the tokens alike before
  [1.499, 0.9224, -0.06855],
  // log of the tokens alike after
  [0.6518, 1.02, 0.1476],
  // most tokens alike before
  [0.245, 0.4301, 0.08622],
  // most tokens alike after
  [0.1602, 0.3667, 0.1575],
  // stands near already
  [0.1086, 0.3111, -0.1781],
  // is the next line
  [0.01049, 0.1019, -0.2383],
  // is in the same file
  [0.2638, 0.4407, -0.3325],
  // selection, below the best line
  [-4.223, 4.072, 0.1857],
  // share by selection
  [0.1179, 0.223, 0.5494],
];

/**
 * Written by `npm run fit-ranker`, from 8000 choices at places in arrow-py/arrow, benoitc/gunicorn, colinhacks/zod, encode/httpx, encode/starlette, expressjs/express, honojs/hono, immerjs/immer, koajs/koa, marshmallow-code/marshmallow, mochajs/mocha, pallets/click, pallets/jinja, pallets/werkzeug, pmndrs/jotai, pmndrs/zustand, preactjs/preact, python-attrs/attrs, reduxjs/redux-toolkit, sindresorhus/got, tj/commander.js, vercel/swr, vuejs/pinia.
 */
export const coefficients: RankerCoefficients = {
  intercept: -4.902,
  means: features.map(([mean]) => mean),
  deviations: features.map(([, deviation]) => deviation),
  weights: features.map(([, , weight]) => weight),
};
