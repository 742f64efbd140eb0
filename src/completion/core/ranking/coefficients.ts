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
  [-3.233, 2.62, 0.465],
  // log-probability per character
  [-1.623, 2.001, 0.5213],
  // least likely token
  [-7.655, 4.205, 0.3324],
  // first token
  [-1.599, 3.232, -0.0375],
  // end of the line
  [-0.7373, 1.759, 0.2955],
  // written by the model
  [0.1176, 0.3222, 0.4299],
  // written by the model, log-probability
  [-0.7207, 3.281, 0.4759],
  // written by the model, log of the longest match
  [0.3722, 1.077, -0.1756],
  // match length, share of what is compared
  [0.114, 0.1651, 0.3494],
  // log of the match length
  [2.189, 1.056, -0.1947],
  // log of the longest match at the cursor
  [3.169, 0.996, 0.06799],
  // has the longest match
  [0.2615, 0.4395, 0.3],
  // lines with the longest match
  [2.26, 2.131, -0.2036],
  // same next line
  [0.1368, 0.3436, 0.1102],
  // log of the occurrences
  [1.204, 0.9342, 0.4076],
  // share of the occurrences
  [0.1172, 0.1501, -0.137],
  // log of the names that are not near
  [0.4853, 0.5131, 0.06115],
  // share of the names that are not near
  [0.3952, 0.426, -0.005305],
  // share of the model's probability
  [0.1176, 0.2771, 0.1995],
  // lines to choose from
  [8.636, 0.6946, 0.01578],
  // opens what follows
  [0.1691, 0.3748, 0.007295],
  // opens, but nothing follows in it
  [0.09454, 0.2926, -0.05115],
  // does not open what follows
  [0.03143, 0.1745, -0.06041],
  // log of the tokens alike before
  [1.495, 0.9241, -0.04008],
  // log of the tokens alike after
  [0.6504, 1.019, 0.15],
  // most tokens alike before
  [0.2445, 0.4298, 0.06063],
  // most tokens alike after
  [0.1598, 0.3664, 0.161],
  // stands near already
  [0.1103, 0.3132, -0.1244],
  // is the next line
  [0.01031, 0.101, -0.2311],
  // is in the same file
  [0.2632, 0.4404, -0.2766],
  // selection, below the best line
  [-4.251, 4.118, 0.2499],
  // share by selection
  [0.1176, 0.2228, 0.6483],
];

/**
 * Written by `npm run fit-ranker`, from 8000 choices at places in arrow-py/arrow, benoitc/gunicorn, colinhacks/zod, encode/httpx, encode/starlette, expressjs/express, honojs/hono, immerjs/immer, koajs/koa, marshmallow-code/marshmallow, mochajs/mocha, pallets/click, pallets/jinja, pallets/werkzeug, pmndrs/jotai, pmndrs/zustand, preactjs/preact, python-attrs/attrs, reduxjs/redux-toolkit, sindresorhus/got, tj/commander.js, vercel/swr, vuejs/pinia.
 */
export const coefficients: RankerCoefficients = {
  intercept: -4.666,
  means: features.map(([mean]) => mean),
  deviations: features.map(([, deviation]) => deviation),
  weights: features.map(([, , weight]) => weight),
};
