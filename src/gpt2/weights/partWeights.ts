import type { Gpt2Config } from "../config/config";
import { hasHead, type LayerRange, partConfig } from "../config/part";
import { changedWeights } from "./changedWeights";
import type { Gpt2Weights } from "./weights";

/** The weights of some layers of a model, whose names count the layers of the part from 0. Disposing them leaves the model's open. */
export function partWeights(weights: Gpt2Weights, range: LayerRange): Gpt2Weights {
  const { from, to } = range;
  return changedWeights(weights, {
    config: partConfig(weights.config, range),
    fingerprint: `${weights.fingerprint} layers ${from} to ${to}`,
    read: (name) => weights.read(shiftLayer(name, from)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/**
 * The name that a tensor of a layer, or of what comes after the layers, has in a part; undefined where it is in another one.
 * @param config that of the part
 */
export function nameInPart(name: string, config: Gpt2Config): string | undefined {
  const layer = /^(?:h|cache)\.(\d+)/.exec(name)?.[1];
  if (layer === undefined) return hasHead(config) ? name : undefined;
  const first = config.part?.firstLayer ?? 0;
  const isInPart = Number(layer) >= first && Number(layer) < first + config.layers;
  return isInPart ? shiftLayer(name, -first) : undefined;
}

/** The name of a tensor with its layer's number, if it has one, raised by `by`. */
export function shiftLayer(name: string, by: number): string {
  return name.replace(/^(h|cache)\.(\d+)/, (_, scope: string, layer: string) => `${scope}.${Number(layer) + by}`);
}
