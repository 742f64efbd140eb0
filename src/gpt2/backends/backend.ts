import type { Gpt2Config } from "../config/config";
import { ComputeError } from "../errors";
import type { BackendId, LanguageModel, Precision } from "../languageModel";
import type { ModelPart, TappedPart } from "../split/modelPart";
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

/** A device that a backend computes on. */
export interface BackendDevice {
  /** What a person calls it. */
  readonly name: string;
  /** Whether it is the processor that computes after all. */
  readonly software: boolean;
}

/** Something that runs models. A new one is a file that implements this and an entry in {@link EnginePlatform.backends}. */
export interface Backend {
  readonly id: BackendId;
  /** Where weights and caches are: a heap of WebAssembly, which ends at 4 GiB, or the memory of a GPU. */
  readonly heap: "wasm" | "gpu";
  /** Whether it can run a model of this shape in this precision. */
  supports(config: Gpt2Config, precision: Precision): boolean;
  /** The device that it needs besides the processor; undefined where there is none. Not there if it needs none. */
  device?(): Promise<BackendDevice | undefined>;
  /**
   * Prepares a model for running. The weights are not needed afterwards.
   * @throws ModelFileError when a tensor is missing or has a wrong shape, ComputeError when memory runs out
   */
  open(weights: Gpt2Weights, options: BackendOptions): Promise<LanguageModel>;
  /** As {@link open}, for a model whose forward pass also returns the tensors inside it. */
  openTapped(weights: Gpt2Weights, options: BackendOptions): Promise<TappedModel>;
  /**
   * Prepares a part of a model, which gets a heap of its own; undefined where models cannot be split.
   * @param weights those of the part, see `partWeights`
   * @throws as {@link open}
   */
  openPart?(weights: Gpt2Weights, options: BackendOptions): Promise<ModelPart>;
  /** As {@link openPart}, for a part that also returns the tensors inside it. */
  openTappedPart?(weights: Gpt2Weights, options: BackendOptions): Promise<TappedPart>;
}

/** A backend by name, or the first that supports the model. */
export type BackendChoice = BackendId | "auto";

/** All of them, the default first. */
export const backendChoices = ["auto", "kernels", "onnxruntime", "webgpu"] as const satisfies readonly BackendChoice[];

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

/** A backend, and the precision that it runs a model in. */
export interface BackendAndPrecision {
  readonly backend: Backend;
  readonly precision: Precision;
}

/**
 * What runs a model in place of a backend that turned out to be unavailable: another one in the same precision, or else in 8 bits.
 * Undefined when there is none.
 */
export function fallbackFor(
  backends: readonly Backend[],
  unavailable: BackendId,
  config: Gpt2Config,
  precision: Precision,
): BackendAndPrecision | undefined {
  const others = backends.filter(({ id }) => id !== unavailable);
  for (const candidate of [precision, "int8"] as const) {
    const backend = others.find((other) => other.supports(config, candidate));
    if (backend) return { backend, precision: candidate };
  }
  return undefined;
}

function namesOf(backends: readonly Backend[]): string {
  return backends.map(({ id }) => id).join(", ");
}
