import { tap, type TappedModel, type Tensor } from "../../gpt2/taps";
import { topCandidates } from "./candidates";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import { fillCache } from "../decoding/prefill";
import { InputError } from "../errors";
import type { AttentionRows, InspectedPosition, LensLayer } from "./requests";
import { tokensUpTo } from "./promptInspector";

/**
 * The logit lens (nostalgebraist 2020): what the model would predict after a token if it ended with each of its blocks, the first block
 * first. There are no layers if the request was cancelled.
 */
export async function lens(
  context: GenerationContext,
  model: TappedModel,
  request: InspectedPosition & { readonly count: number },
  control: RequestControl,
): Promise<readonly LensLayer[]> {
  const tensor = await tapAt(context, model, request, tap.lens, control);
  if (!tensor) return [];
  const layers: LensLayer[] = [];
  for (const [layer, logits] of rowsOf(tensor).entries()) {
    layers.push({ layer, candidates: topCandidates(logits, { count: request.count }, context.tokenizer) });
    await control.pause();
    if (control.signal.aborted) return [];
  }
  return layers;
}

/**
 * The attention weights of a token over each token up to itself, for each head of a layer. There are no heads if the request was
 * cancelled.
 * @throws InputError if there is no such token or layer
 */
export async function attention(
  context: GenerationContext,
  model: TappedModel,
  request: InspectedPosition & { readonly layer: number },
  control: RequestControl,
): Promise<AttentionRows> {
  const { layers } = model.config;
  const { layer } = request;
  if (!Number.isInteger(layer) || layer < 0 || layer >= layers) {
    throw new InputError(`The model has no layer ${layer}: they go from 0 to ${layers - 1}.`);
  }
  const tensor = await tapAt(context, model, request, tap.attentionWeights(layer), control);
  return { heads: tensor ? rowsOf(tensor) : [] };
}

/** A tensor inside the step of one token, with all tokens before it in the KV cache; undefined if the request was cancelled. */
async function tapAt(
  context: GenerationContext,
  model: TappedModel,
  request: InspectedPosition,
  name: string,
  control: RequestControl,
): Promise<Tensor | undefined> {
  const tokens = tokensUpTo(context, request);
  const before = tokens.slice(0, -1);
  using slot = await model.acquire(tokens);
  if (!(await fillCache({ ...context, model }, slot, before, control))) return undefined;
  return (await model.forwardTapped(slot, tokens.slice(-1), [name])).get(name);
}

/** Splits a tensor into rows along its last dimension. */
function rowsOf({ shape, data }: Tensor): Float32Array[] {
  const width = shape.at(-1) ?? 0;
  return Array.from({ length: data.length / width }, (_, row) =>
    Float32Array.from(data.subarray(row * width, (row + 1) * width)),
  );
}
