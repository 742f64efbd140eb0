import type { Gpt2Config } from "../config/config";
import { ComputeError } from "../errors";
import type { BackendId, LanguageModel, Precision } from "../languageModel";
import type { TappedModel } from "../taps";
import type { PreparedWeightsCache } from "../weights/preparedWeightsCache";
import type { Gpt2Weights } from "../weights/weights";

/** How a backend opens a model. */
export interface BackendOptions {
  readonly precision: Precision;
  /** 0: chosen from the machine. */
  readonly threads: number;
  /** KV cache budget in bytes for all slots together; by the model's size unless given, see `defaultCacheBudget`. */
  readonly cacheBudgetBytes?: number;
  /** Keeps quantized weights on disk: opening the same model again then reads only those. */
  readonly cache?: PreparedWeightsCache;
  /** Called when the cache cannot be read or written (a full disk); the model opens all the same. */
  readonly onCacheError?: (error: unknown) => void;
}

/** Something that runs models. A new one is a file that implements this and an entry in {@link EnginePlatform.backends}. */
export interface Backend {
  readonly id: BackendId;
  /** Whether it can run a model of this shape in this precision. */
  supports(config: Gpt2Config, precision: Precision): boolean;
  /**
   * Prepares a model for running. The weights are not needed afterwards.
   * @throws ModelFileError when a tensor is missing or has a wrong shape, ComputeError when memory runs out
   */
  open(weights: Gpt2Weights, options: BackendOptions): Promise<LanguageModel>;
  /** As {@link open}, for a model whose forward pass also returns the tensors inside it. */
  openTapped(weights: Gpt2Weights, options: BackendOptions): Promise<TappedModel>;
}

/** A backend by name, or the first that supports the model. */
export type BackendChoice = BackendId | "auto";

/**
 * The backend that runs a model.
 * @param backends in order of preference
 * @throws ComputeError when none can, or the chosen one cannot
 */
export function chooseBackend(
  backends: readonly Backend[],
  choice: BackendChoice,
  config: Gpt2Config,
  precision: Precision,
): Backend {
  const candidates = backends.filter(({ id }) => choice === "auto" || id === choice);
  if (candidates.length === 0) {
    throw new ComputeError(`The backend ${choice} is not available here. There are: ${namesOf(backends)}.`);
  }
  const chosen = candidates.find((backend) => backend.supports(config, precision));
  if (chosen) return chosen;
  const others = backends.filter((backend) => backend.supports(config, precision));
  const advice = others.length > 0 ? `Choose ${namesOf(others)}, or another precision.` : "Choose another precision.";
  throw new ComputeError(`The backend ${namesOf(candidates)} cannot run this model in ${precision}. ${advice}`);
}

function namesOf(backends: readonly Backend[]): string {
  return backends.map(({ id }) => id).join(", ");
}
