/** What the Engine tab of the diagnostics panel shows. Plain data, see `views.ts`. */
import type { BackendName, BackendsView } from "./backendViews";

/** One request: times in milliseconds, sizes in tokens. */
export interface RequestRow {
  readonly queueMs: number;
  readonly tokenizeMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
  /** Of a server: what is not its own work; undefined where it does not say, and for the local engine. */
  readonly networkMs?: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly newTokens: number;
  /** Tokens that were drafted, and how many of them the model agreed with. */
  readonly draftedTokens: number;
  readonly acceptedTokens: number;
}

export interface CacheSlotRow {
  readonly id: number;
  /** Tokens in it. */
  readonly length: number;
  /** Tokens that fit before it must grow. */
  readonly capacity: number;
  readonly bytes: number;
  readonly idleMs: number;
  /** The LoRA adapter that it belongs to. */
  readonly adapter?: string;
}

export interface ModelFacts {
  readonly name: string;
  readonly storage: string;
  readonly architecture: string;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly tokenizer: string;
  readonly fillInTheMiddle: boolean;
  readonly backend: BackendName;
  readonly precision: "int8" | "f32" | "f16" | "int4";
  readonly threads: number;
  readonly weightBytes: number;
  readonly heapBytes: number;
  readonly loadMs: number;
  /** Layers of each part of a model that is split over several heaps. */
  readonly partLayers?: readonly number[];
  /** The model that guesses ahead, or why it does not; undefined where none was asked for. */
  readonly draftModel?:
    | { readonly kind: "ready"; readonly name: string; readonly storage: string; readonly weightBytes: number }
    | { readonly kind: "unusable"; readonly problem: string }
    | undefined;
  /** The LoRA adapters that were asked for, and why some are not used. */
  readonly adapters: readonly AdapterFacts[];
}

export type AdapterFacts =
  | { readonly kind: "ready"; readonly name: string; readonly rank: number; readonly bytes: number }
  | { readonly kind: "unusable"; readonly name: string; readonly problem: string };

/** A server that is set up in place of the local engine. */
export interface ServerFacts {
  readonly host: string;
  /** The model's name, while the server is used. */
  readonly model: string | undefined;
  readonly fillInTheMiddle: boolean;
  /** Whether it scores lines, so that those of the workspace are ranked. */
  readonly lineScores: boolean;
  /** Why the local model completes instead. */
  readonly problem: string | undefined;
}

/** The engine at one moment. */
export interface EngineView {
  readonly kind: "engine";
  readonly state: "idle" | "loading" | "ready" | "failed";
  /** Why it failed. */
  readonly message: string | undefined;
  readonly model: ModelFacts | undefined;
  readonly backends: BackendsView;
  /** The server that is set up. */
  readonly server?: ServerFacts | undefined;
  readonly slots: readonly CacheSlotRow[];
  /** The newest first. */
  readonly recent: readonly RequestRow[];
}
