import type { BackendOptions } from "../backends/backend";
import type { Gpt2Config } from "../config/config";
import { ComputeError } from "../errors";
import type { BackendId, LanguageModel, ModelInfo } from "../languageModel";
import type { TappedModel } from "../taps";
import { partWeights } from "../weights/partWeights";
import type { Gpt2Weights } from "../weights/weights";
import type { PlannedPart } from "./deviceMap";
import type { ModelPart, TappedPart } from "./modelPart";
import { SplitModel, type SplitModelParts, TappedSplitModel } from "./splitModel";

/** Opens a part of the model in another thread. @param config that of the part @param tapped whether it returns the tensors inside it */
export type OpenElsewhere = (planned: PlannedPart, config: Gpt2Config, tapped: boolean) => Promise<TappedPart>;

/**
 * Opens a model whose layers are distributed: parts in other threads at the same time, those in this thread one after the other.
 * @param elsewhere opens the parts after the first; without it, they are in this thread
 * @throws as `Backend.open`; nothing stays open then
 */
export async function openSplitModel(
  plan: readonly PlannedPart[],
  weights: Gpt2Weights,
  options: BackendOptions,
  elsewhere?: OpenElsewhere,
): Promise<LanguageModel> {
  const here = ({ backend }: PlannedPart, part: Gpt2Weights) => backend.openPart?.(part, options);
  const there = elsewhere && ((planned: PlannedPart, config: Gpt2Config) => elsewhere(planned, config, false));
  return new SplitModel(await openParts<ModelPart>(plan, weights, options, false, here, there));
}

/** As {@link openSplitModel}, for a model that also returns the tensors inside it. */
export async function openTappedSplitModel(
  plan: readonly PlannedPart[],
  weights: Gpt2Weights,
  options: BackendOptions,
  elsewhere?: OpenElsewhere,
): Promise<TappedModel> {
  const here = ({ backend }: PlannedPart, part: Gpt2Weights) => backend.openTappedPart?.(part, options);
  const there = elsewhere && ((planned: PlannedPart, config: Gpt2Config) => elsewhere(planned, config, true));
  return new TappedSplitModel(await openParts<TappedPart>(plan, weights, options, true, here, there));
}

/** What is wrong with a backend for a part. @param tapped whether the part is to return the tensors inside it */
export function cannotRunPart(backend: BackendId, tapped: boolean): ComputeError {
  return new ComputeError(
    tapped
      ? `The backend ${backend} gives no insight into a part of a model. Choose another one in the device map.`
      : `The backend ${backend} cannot run a part of a model.`,
  );
}

async function openParts<Part extends ModelPart>(
  plan: readonly PlannedPart[],
  weights: Gpt2Weights,
  { cacheBudgetBytes }: BackendOptions,
  tapped: boolean,
  here: (planned: PlannedPart, part: Gpt2Weights) => Promise<Part> | undefined,
  there: ((planned: PlannedPart, config: Gpt2Config) => Promise<Part>) | undefined,
): Promise<SplitModelParts<Part>> {
  const started = performance.now();
  const { config } = weights;
  let last: Promise<unknown> = Promise.resolve();
  const openings = plan.map((planned, index) => {
    const own = partWeights(weights, planned);
    const open = async () => {
      const part = await (there && index > 0 ? there(planned, own.config) : here(planned, own));
      if (!part) throw cannotRunPart(planned.backend.id, tapped);
      return part;
    };
    if (there) return open();
    // In one thread, opening them together would save no time, and each part holds its weights twice while it opens.
    const opening = last.then(open);
    last = opening;
    return opening;
  });
  const settled = await Promise.allSettled(openings);
  const parts = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = settled.find((one) => one.status === "rejected");
  if (failed) {
    for (const part of parts) await part[Symbol.asyncDispose]();
    throw failed.reason;
  }
  return { config, info: infoOf(parts, config, performance.now() - started), parts, cacheBudgetBytes };
}

function infoOf(parts: readonly ModelPart[], config: Gpt2Config, loadMs: number): ModelInfo {
  const [first] = parts;
  if (!first) throw new ComputeError(`The device map has no part for the ${config.layers} layers of the model.`);
  const infos = parts.map(({ info }) => info);
  return {
    ...first.info,
    threads: Math.max(...infos.map(({ threads }) => threads)),
    weightBytes: infos.reduce((sum, { weightBytes }) => sum + weightBytes, 0),
    loadMs,
    parts: parts.map(({ config: { layers }, info: { backend, weightBytes } }) => ({ backend, layers, weightBytes })),
  };
}
