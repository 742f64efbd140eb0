import type { LoraAdapter } from "../adapters/adapter";
import type { Gpt2Config } from "../config/config";
import type { KvBuffer, KvStorage } from "../kvCache/storage";
import type { ModelInfo } from "../languageModel";
import type { CheckpointTensors } from "../taps";
import type { Embeddings } from "../weights/preparedWeights";

/** The keys and values of one sequence for the layers of a part. Only the storage that allocated it knows more. */
export type PartBuffer = KvBuffer<PartBuffer>;

/** A row of a step of branches, see `BranchRow`. */
export interface PartRow {
  readonly tail: PartBuffer;
  readonly length: number;
}

/** A step through the layers of a part. */
export interface PartStep {
  /**
   * The rows of the residual stream, `[S, D]`: token and position embeddings for the first part, what the part before gave for the
   * others. Read before `run` waits for anything.
   */
  readonly x: Float32Array;
  /** S. */
  readonly rows: number;
  readonly buffer: PartBuffer;
  /** Positions of the buffer that the rows follow. */
  readonly past: number;
  /** Last rows whose logits are wanted; the last part only heeds it. */
  readonly logitRows: number;
  /** Where the rows are, when each is of another sequence. For parts that can branch. */
  readonly branches?: readonly PartRow[];
  /** One of {@link ModelPart.addAdapter}, which is added to the products of the step; none unless given. */
  readonly adapter?: string;
}

/** Consecutive layers of a model, with a heap of their own. Not re-entrant: one step at a time. */
export interface ModelPart extends AsyncDisposable {
  /** That of the part, see `partConfig`. */
  readonly config: Gpt2Config;
  readonly info: ModelInfo;
  /** Bytes of its heap. */
  readonly heapBytes: number;
  /** The tables of the first part; empty ones elsewhere. */
  readonly embeddings: Embeddings;
  readonly storage: KvStorage<PartBuffer>;
  /** The most rows of a step. */
  readonly maxRows: number;
  /** Whether rows of a step may be of several sequences. */
  readonly canBranch: boolean;
  /**
   * Loads a LoRA adapter under a name, for steps. Undefined where adapters can only be merged into the weights.
   * @param adapter what it adds to the part, see `partAdapter`
   * @throws ComputeError when memory runs out
   */
  readonly addAdapter?: (name: string, adapter: LoraAdapter) => void | Promise<void>;
  /** Frees an adapter that was added; as {@link addAdapter}, undefined where there are none. */
  readonly removeAdapter?: (name: string) => void | Promise<void>;
  /**
   * Runs a step and writes its keys and values.
   * @returns the residual stream after the layers, `[S, D]`, or from the last part the logits `[logitRows, V]`; a view that is valid
   *   until the next step
   * @throws ComputeError
   */
  run(step: PartStep): Promise<Float32Array>;
}

/** A part that also returns the tensors inside it. */
export interface TappedPart extends ModelPart {
  /**
   * Runs a step with all its logits, without branches.
   * @param taps names of `tap`, with layers counted from the part's first
   * @returns the tensors of those that are in the part
   */
  runTapped(step: PartStep, taps: readonly string[]): Promise<CheckpointTensors>;
}
