import {
  type Backend,
  type BackendAndPrecision,
  type BackendOptions,
  chooseBackend,
  fallbackFor,
} from "../gpt2/backends/backend";
import { type DeviceMap, parseDeviceMap, type PlannedPart, planParts } from "../gpt2/split/deviceMap";
import { type OpenElsewhere, openSplitModel, openTappedSplitModel } from "../gpt2/split/openSplit";
import { partConfig } from "../gpt2/config/part";
import { tappedWithAdapter } from "../gpt2/adapters/adaptedModel";
import { mergedWeights } from "../gpt2/adapters/mergedWeights";
import { openAdapter } from "../gpt2/adapters/openAdapter";
import { BackendUnavailableError } from "../gpt2/errors";
import type { BackendId, LanguageModel, Precision } from "../gpt2/languageModel";
import type { TappedModel } from "../gpt2/taps";
import { dequantizedWeights } from "../gpt2/verification/checkpoints/dequantizedWeights";
import { withReadProgress } from "../gpt2/weights/readProgress";
import type { Gpt2Weights } from "../gpt2/weights/weights";
import { type ModelWeights, openModelWeights } from "./modelWeights";
import { openRemotePart } from "./parts/remotePart";
import type { EnginePlatform } from "./platform";
import type { ModelLocation, OpenOptions } from "./protocol";

/** A model that is ready to run, and the weights that it was built from, which are still open. */
export interface ModelWithWeights<Model extends LanguageModel = LanguageModel> extends ModelWeights {
  readonly model: Model;
}

/** A second copy of a model that returns the tensors inside it. Disposing it frees all of it. */
export interface TappedModelWithWeights extends ModelWithWeights<TappedModel>, AsyncDisposable {
  /** The numbers that it computes with: dequantized where it quantizes, and with its adapter. */
  readonly reference: Gpt2Weights;
}

type Open<Model, How> = (how: How, weights: Gpt2Weights, options: BackendOptions) => Promise<Model>;

/** Opens a model in one heap, or distributed over several. */
interface Opener<Model> {
  readonly whole: Open<Model, Backend>;
  readonly split: Open<Model, readonly PlannedPart[]>;
}

/**
 * Opens a model from its files on the chosen backend, or on the first that supports it; on another one where that is unavailable.
 * @param warn receives what went wrong without stopping the work, a sentence for the log
 * @param onShare receives how much of the weights has been read, 0 to 1
 * @throws ModelFileError when the files are not a model that can be run, ComputeError when the backend cannot run it
 */
export function openModel(
  platform: EnginePlatform,
  options: OpenOptions,
  warn: (message: string) => void,
  onShare: (share: number) => void = () => undefined,
): Promise<ModelWithWeights> {
  return openOn(platform, options, warn, {
    whole: (backend, weights, how) => backend.open(withReadProgress(weights, onShare), how),
    split: (plan, weights, how) => {
      const elsewhere = inWorkers(platform, options, how);
      const [first] = plan;
      const readHere = elsewhere && first ? partConfig(weights.config, first) : weights.config;
      return openSplitModel(plan, withReadProgress(weights, onShare, readHere), how, elsewhere);
    },
  });
}

/** As {@link openModel}, for a model that returns the tensors inside it and caches one sequence. */
export async function openTappedModel(
  platform: EnginePlatform,
  options: OpenOptions,
  warn: (message: string) => void,
): Promise<TappedModelWithWeights> {
  // One sequence is kept whatever the budget.
  const oneSequence = { ...options, cacheBudgetBytes: 0 };
  const opened = await openOn(platform, oneSequence, warn, {
    whole: (backend, weights, how) => backend.openTapped(weights, how),
    split: (plan, weights, how) => openTappedSplitModel(plan, weights, how, inWorkers(platform, options, how)),
  });
  return {
    ...opened,
    reference: dequantizedWeights(opened.weights, opened.model.info),
    async [Symbol.asyncDispose]() {
      await opened.model[Symbol.asyncDispose]();
      await opened.weights[Symbol.asyncDispose]();
    },
  };
}

/**
 * As {@link openTappedModel}, for a model that adds an adapter to its products as the one that answers requests does.
 * @throws ModelFileError also when the adapter cannot be used; ComputeError where adapters can only be merged
 */
export async function openTappedWithAdapter(
  platform: EnginePlatform,
  options: OpenOptions,
  location: ModelLocation,
  warn: (message: string) => void,
): Promise<TappedModelWithWeights> {
  const opened = await openTappedModel(platform, options, warn);
  const { model, reference } = opened;
  try {
    const adapter = await openAdapter(await platform.openFiles(location), model.config);
    await model.addAdapter?.(adapter.name, adapter);
    const adapted = tappedWithAdapter(model, adapter.name);
    return { ...opened, adapter, model: adapted, reference: mergedWeights(reference, adapter) };
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

/** How parts of a model are opened in workers, where there are such and they can read the model's files. */
function inWorkers(
  { spawnPart }: EnginePlatform,
  { location, mergedAdapter, roundToHalf = false, cacheFolder }: OpenOptions,
  { precision, threads, onCacheError }: BackendOptions,
): OpenElsewhere | undefined {
  if (!spawnPart || location.kind !== "path" || (mergedAdapter && mergedAdapter.kind !== "path")) return undefined;
  return async ({ backend, from, to }, config, tapped) => {
    const range = { from, to };
    const request = { location, range, backend: backend.id, precision, threads, roundToHalf, tapped, cacheFolder };
    const merged = { ...request, ...(mergedAdapter && { mergedAdapter }) };
    return openRemotePart(await spawnPart(), config, merged, onCacheError);
  };
}

async function openOn<Model extends LanguageModel>(
  platform: EnginePlatform,
  options: OpenOptions,
  warn: (message: string) => void,
  open: Opener<Model>,
): Promise<ModelWithWeights<Model>> {
  const { backend = "auto", deviceMap = "auto", precision, threads, cacheBudgetBytes, cacheFolder } = options;
  const opened = await openModelWeights(platform, options);
  const { weights } = opened;
  const cache = cacheFolder === undefined ? undefined : platform.openCache?.(cacheFolder);
  const openWith = async (chosen: BackendAndPrecision, map: DeviceMap) => {
    const { config } = weights;
    const plan = planParts({ config, ...chosen, backends: platform.backends, map, cacheBudgetBytes });
    const how: BackendOptions = {
      precision: chosen.precision,
      threads,
      onCacheError: (error) =>
        warn(`The cache of prepared weights cannot be used, so the model opens more slowly: ${String(error)}`),
      ...(cache && { cache }),
      ...(cacheBudgetBytes !== undefined && { cacheBudgetBytes }),
    };
    const [first] = plan;
    const isWhole = first !== undefined && plan.length === 1;
    const model = await (isWhole ? open.whole(first.backend, weights, how) : open.split(plan, weights, how));
    return { ...opened, model };
  };
  try {
    const chosen = chooseBackend(platform.backends, backend, weights.config, precision);
    try {
      return await openWith({ backend: chosen, precision }, parseDeviceMap(deviceMap));
    } catch (error) {
      if (!(error instanceof BackendUnavailableError)) throw error;
      const other = fallbackFor(platform.backends, chosen.id, weights.config, precision);
      if (!other) throw error;
      warn(fallbackMessage(chosen.id, other, error));
      return await openWith(other, "auto");
    }
  } catch (error) {
    await weights[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a person reads in the log when a model runs on another backend than the chosen one. */
export function fallbackMessage(
  chosen: BackendId,
  other: { readonly backend: Pick<Backend, "id">; readonly precision: Precision },
  reason: Error,
): string {
  return `The backend ${chosen} is not used. ${reason.message} The model runs on ${other.backend.id} in ${other.precision} instead.`;
}
