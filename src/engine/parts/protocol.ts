import type { LoraAdapter } from "../../gpt2/adapters/adapter";
import type { LayerRange } from "../../gpt2/config/part";
import type { CacheShape } from "../../gpt2/kvCache/storage";
import type { BackendId, ModelInfo, Precision } from "../../gpt2/languageModel";
import type { PartStep } from "../../gpt2/split/modelPart";
import type { CheckpointTensors } from "../../gpt2/taps";
import type { EngineFailure, ModelLocation } from "../protocol";

/** What a worker needs to open a part of a model by itself. */
export interface OpenPartRequest {
  readonly location: ModelLocation;
  /** An adapter that is merged into the weights. */
  readonly mergedAdapter?: ModelLocation;
  readonly range: LayerRange;
  readonly backend: BackendId;
  readonly precision: Precision;
  readonly threads: number;
  readonly roundToHalf: boolean;
  /** Whether it returns the tensors inside it. */
  readonly tapped: boolean;
  readonly cacheFolder: string | undefined;
}

/** A part that was opened. */
export interface OpenedPart {
  readonly info: ModelInfo;
  readonly heapBytes: number;
  readonly shape: CacheShape;
  /** Bytes of keys and values of one position. */
  readonly positionBytes: number;
  readonly maxRows: number;
  readonly canBranch: boolean;
  /** Whether adapters can be added to it. */
  readonly canAdapt: boolean;
  /** Why the cache of prepared weights cannot be used. */
  readonly cacheProblem?: string;
}

/** A step with its buffers by their numbers. */
export interface RemoteStep extends Omit<PartStep, "buffer" | "branches"> {
  readonly buffer: number;
  readonly branches?: readonly { readonly tail: number; readonly length: number }[];
}

/** The calls that the worker of a part answers, one after the other. */
export interface PartCalls {
  open: { readonly params: OpenPartRequest; readonly result: OpenedPart };
  /** Makes a buffer that has a number of the caller's from then on. */
  allocate: { readonly params: { readonly buffer: number; readonly capacity: number }; readonly result: undefined };
  addAdapter: { readonly params: { readonly name: string; readonly adapter: LoraAdapter }; readonly result: undefined };
  removeAdapter: { readonly params: { readonly name: string }; readonly result: undefined };
  run: { readonly params: RemoteStep; readonly result: { readonly rows: Float32Array; readonly heapBytes: number } };
  runTapped: {
    readonly params: { readonly step: RemoteStep; readonly taps: readonly string[] };
    readonly result: CheckpointTensors;
  };
  copy: {
    readonly params: { readonly from: number; readonly to: number; readonly rows: number };
    readonly result: undefined;
  };
  /** Keeps a copy of rows under a number of the caller's. */
  save: {
    readonly params: { readonly buffer: number; readonly saved: number; readonly start: number; readonly end: number };
    readonly result: undefined;
  };
  restore: { readonly params: { readonly buffer: number; readonly saved: number }; readonly result: undefined };
  /** Frees a buffer or saved rows. */
  free: { readonly params: { readonly buffer: number } | { readonly saved: number }; readonly result: undefined };
  close: { readonly params: undefined; readonly result: undefined };
}

export type PartMethod = keyof PartCalls;

/** From the engine to the worker of a part. */
export type ToPart = {
  [M in PartMethod]: { readonly id: number; readonly method: M; readonly params: PartCalls[M]["params"] };
}[PartMethod];

/** From the worker of a part to the engine. */
export type FromPart =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: EngineFailure & { readonly isUnavailable: boolean } };
