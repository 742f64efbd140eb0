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
  [-3.456, 3.152, 0.6201],
  // log-probability per character
  [-1.725, 2.391, 0.538],
  // least likely token
  [-8.574, 5.009, 0.7423],
  // first token
  [-1.717, 3.726, -0.05297],
  // end of the line
  [-0.8267, 2.113, 0.3636],
  // written by the model
  [0.1176, 0.3222, 0.4612],
  // written by the model, log-probability
  [-0.4519, 2.249, 0.6662],
  // written by the model, log of the longest match
  [0.3723, 1.077, -0.1864],
  // match length, share of what is compared
  [0.1204, 0.1727, 0.2876],
  // log of the match length
  [2.231, 1.067, -0.2755],
  // log of the longest match at the cursor
  [3.166, 0.9941, 0.1005],
  // has the longest match
  [0.2835, 0.4507, 0.2793],
  // lines with the longest match
  [2.451, 2.183, -0.1921],
  // same next line
  [0.1681, 0.374, 0.1077],
  // log of the occurrences
  [1.228, 0.9534, 0.2142],
  // share of the occurrences
  [0.1175, 0.1478, -0.09313],
  // log of the names that are not near
  [0.4852, 0.5238, 0.09432],
  // share of the names that are not near
  [0.3763, 0.4169, -0.002855],
  // share of the model's probability
  [0.1179, 0.2879, 0.369],
  // lines to choose from
  [8.613, 0.6905, 0.04151],
  // opens what follows
  [0.1697, 0.3753, 0.001585],
  // opens, but nothing follows in it
  [0.08531, 0.2793, -0.07215],
  // does not open what follows
  [0.03068, 0.1724, -0.1209],
  // log of the tokens alike before
  [1.517, 0.9444, 0.1309],
  // log of the tokens alike after
  [0.7893, 1.068, 0.1548],
  // most tokens alike before
  [0.268, 0.4429, 0.1197],
  // most tokens alike after
  [0.1672, 0.3732, 0.1652],
  // stands near already
  [0.1076, 0.3099, -0.2309],
  // is the next line
  [0.01253, 0.1112, -0.2606],
  // is in the same file
  [0.3047, 0.4603, -0.2762],
  // selection, below the best line
  [-4.101, 4.081, 0.2724],
  // share by selection
  [0.1179, 0.2161, 0.5369],
  // is renamed
  [0.1188, 0.3236, 0.04514],
];

/**
 * Written by `npm run fit-ranker`, from 8000 choices at places in arrow-py/arrow, benoitc/gunicorn, colinhacks/zod, encode/httpx, encode/starlette, expressjs/express, honojs/hono, immerjs/immer, koajs/koa, marshmallow-code/marshmallow, mochajs/mocha, pallets/click, pallets/jinja, pallets/werkzeug, pmndrs/jotai, pmndrs/zustand, preactjs/preact, python-attrs/attrs, reduxjs/redux-toolkit, sindresorhus/got, tj/commander.js, vercel/swr, vuejs/pinia.
 */
export const coefficients: RankerCoefficients = {
  intercept: -4.863,
  means: features.map(([mean]) => mean),
  deviations: features.map(([, deviation]) => deviation),
  weights: features.map(([, , weight]) => weight),
};
