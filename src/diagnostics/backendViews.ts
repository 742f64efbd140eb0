/** A number that JSON can carry: null for one that is infinite or none at all. */
export type Finite = number | null;

/** The backends by their names in the settings. */
export type BackendName = "kernels" | "onnxruntime" | "webgpu";

/** How another backend computes what the one in use computes. */
export interface BackendComparisonRow {
  /** Both, with their precision. */
  readonly backends: readonly [string, string];
  /** Why there is nothing to compare. */
  readonly problem?: string;
  /** The first tensor that differs by more than the tolerance. */
  readonly first?: {
    readonly name: string;
    readonly checkpoint: { readonly number: number; readonly name: string };
    /** From 0. */
    readonly layer?: number;
    readonly maxAbsDiff: Finite;
    readonly tolerance: number;
  };
  /** The largest difference of two logits. */
  readonly logits?: Finite;
  /** Positions at which another token is the likeliest. */
  readonly flips?: readonly number[];
  readonly positions?: number;
}

/** A comparison of backends, or the prospect of one. */
export interface BackendComparisonView {
  readonly state: "ready" | "running" | "done" | "cancelled" | "failed";
  /** Why it failed. */
  readonly message: string | undefined;
  readonly rows: readonly BackendComparisonRow[];
}

/** How fast a backend runs the open model. */
export interface BackendSpeedRow {
  readonly backend: BackendName;
  readonly isUsed: boolean;
  /** Milliseconds for a token of a prompt, for a step of one token, and for a suggestion; undefined where it cannot run the model. */
  readonly speed: { readonly prefillMs: number; readonly decodeMs: number; readonly suggestionMs: number } | undefined;
  /** Why it cannot. */
  readonly problem?: string;
}

/** The backends of the open model. */
export interface BackendsView {
  readonly measuring: boolean;
  /** The one that the setting `auto` takes. */
  readonly chosen: BackendName | undefined;
  /** Empty before a measurement. */
  readonly speeds: readonly BackendSpeedRow[];
}
