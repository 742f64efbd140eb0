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
  [-3.572, 3.259, 0.5631],
  // log-probability per character
  [-1.852, 2.566, 0.4874],
  // least likely token
  [-8.513, 4.948, 0.6368],
  // first token
  [-1.772, 3.768, 0.02464],
  // end of the line
  [-0.8696, 2.18, 0.3666],
  // written by the model
  [0.1175, 0.322, 0.4457],
  // written by the model, log-probability
  [-0.4572, 2.247, 0.6894],
  // written by the model, log of the longest match
  [0.371, 1.075, -0.2052],
  // match length, share of what is compared
  [0.1155, 0.1668, 0.372],
  // log of the match length
  [2.201, 1.057, -0.2539],
  // log of the longest match at the cursor
  [3.16, 0.9968, 0.0977],
  // has the longest match
  [0.2634, 0.4405, 0.2785],
  // lines with the longest match
  [2.272, 2.131, -0.2009],
  // same next line
  [0.1399, 0.3469, 0.1638],
  // log of the occurrences
  [1.202, 0.9377, 0.2805],
  // share of the occurrences
  [0.1175, 0.151, -0.09738],
  // log of the names that are not near
  [0.4993, 0.5214, 0.1057],
  // share of the names that are not near
  [0.4041, 0.428, -0.04438],
  // share of the model's probability
  [0.1179, 0.2874, 0.4534],
  // lines to choose from
  [8.624, 0.7083, 0.04541],
  // opens what follows
  [0.1675, 0.3735, -0.02725],
  // opens, but nothing follows in it
  [0.08728, 0.2822, -0.06682],
  // does not open what follows
  [0.03197, 0.1759, -0.1114],
  // log of the tokens alike before
  [1.505, 0.9289, -0.0971],
  // log of the tokens alike after
  [0.6597, 1.021, 0.1321],
  // most tokens alike before
  [0.2499, 0.4329, 0.09729],
  // most tokens alike after
  [0.1653, 0.3715, 0.08111],
  // stands near already
  [0.106, 0.3079, -0.2001],
  // is the next line
  [0.01214, 0.1095, -0.3162],
  // is in the same file
  [0.2605, 0.4389, -0.2489],
  // selection, below the best line
  [-4.179, 4.049, 0.1545],
  // share by selection
  [0.1179, 0.2216, 0.572],
];

/**
 * Written by `npm run fit-ranker`, from 4000 choices at places in arrow-py/arrow, benoitc/gunicorn, colinhacks/zod, encode/httpx, encode/starlette, expressjs/express, honojs/hono, immerjs/immer, koajs/koa, marshmallow-code/marshmallow, mochajs/mocha, pallets/click, pallets/jinja, pallets/werkzeug, pmndrs/jotai, pmndrs/zustand, preactjs/preact, python-attrs/attrs, reduxjs/redux-toolkit, sindresorhus/got, tj/commander.js, vercel/swr, vuejs/pinia.
 */
export const coefficients: RankerCoefficients = {
  intercept: -4.88,
  means: features.map(([mean]) => mean),
  deviations: features.map(([, deviation]) => deviation),
  weights: features.map(([, , weight]) => weight),
};
