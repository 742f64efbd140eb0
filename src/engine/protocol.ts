import type { BackendChoice } from "../gpt2/backends/backend";
import type { CheckpointResult } from "../gpt2/verification/checkpoints/result";
import type { CheckpointReport } from "../gpt2/verification/checkpoints/run";
import type { CacheSlotInfo, ModelInfo, Precision } from "../gpt2/languageModel";
import type { Gpt2Config } from "../gpt2/config/config";
import type {
  AttentionRows,
  CandidatesRequest,
  InspectedPosition,
  InspectedRequest,
  LensLayer,
  NextTokens,
  PromptInspection,
  TokenCandidate,
} from "../generation/inspection/requests";
import type {
  Alternative,
  AlternativesRequest,
  CompletionRequest,
  GenerateRequest,
  GenerateSeveralRequest,
  GenerationResult,
  SeveralTexts,
  Timings,
} from "../generation/request";

/** Where the worker finds a model: a path that it opens itself (Node), or bytes that were read for it (browser, virtual files). */
export type ModelLocation =
  | { readonly kind: "path"; readonly path: string }
  | {
      readonly kind: "bytes";
      readonly name: string;
      readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
    };

/** Why there is no model that guesses ahead although one was asked for, in sentences for a person. */
export interface UnusableDraftModel {
  readonly kind: "unusable";
  readonly problem: string;
}

/** A model that guesses ahead. */
export type DraftModelChoice = ModelLocation | UnusableDraftModel;

export interface OpenOptions {
  readonly location: ModelLocation;
  /** A smaller model with the same vocabulary that guesses ahead. The model is opened whatever becomes of it. */
  readonly draftModel?: DraftModelChoice;
  /** By the model and the machine unless given. */
  readonly backend?: BackendChoice;
  readonly precision: Precision;
  /** 0: chosen from the machine. */
  readonly threads: number;
  /** Memory for cached sequences; chosen by the model's size unless given. */
  readonly cacheBudgetBytes?: number;
  /** Folder for built graphs, or undefined for none. */
  readonly cacheFolder: string | undefined;
}

export interface ModelDescription {
  readonly name: string;
  readonly config: Gpt2Config;
  readonly info: ModelInfo;
  readonly tokenizer: string;
  /** Whether the model can see what is behind the cursor. */
  readonly fillInTheMiddle: boolean;
  readonly storage: string;
  readonly draftModel?: DraftModelDescription;
}

/** The model that guesses ahead. */
export type DraftModelDescription =
  | { readonly kind: "ready"; readonly name: string; readonly storage: string; readonly weightBytes: number }
  | UnusableDraftModel;

export interface EngineStats {
  readonly model: ModelDescription | undefined;
  /** Size of the WebAssembly heap, with that of a draft model; it never shrinks. */
  readonly heapBytes: number;
  readonly slots: readonly CacheSlotInfo[];
  /** Tokens that the open model was run on. */
  readonly computedTokens: number;
  /** The newest last. */
  readonly recent: readonly Timings[];
}

/** The prompt of the checkpoints: token ids, or a text; "Hello." if neither is given. */
export interface CheckpointsRequest {
  readonly prompt?: string;
  readonly tokens?: readonly number[];
}

/** How far a run of the checkpoints is. */
export interface CheckpointProgress {
  /** The share of the work that is done, from 0 to 1. */
  readonly share: number;
  /** The result that has just come in; they come in order. */
  readonly result?: CheckpointResult;
}

/** The calls that the engine answers: argument and result of each, and what some of them send while they run. */
export interface Calls {
  open: { readonly params: OpenOptions; readonly result: ModelDescription; readonly progress: never };
  complete: {
    readonly params: CompletionRequest;
    readonly result: GenerationResult;
    /** The text so far. */
    readonly progress: string;
  };
  /** The same for a cursor that may come to be, when there is nothing else to do. */
  completeAhead: { readonly params: CompletionRequest; readonly result: GenerationResult; readonly progress: never };
  /** Reads what the prompt will be once its window has moved, if that is near, when there is nothing else to do. */
  readAhead: {
    readonly params: Pick<CompletionRequest, "prompt" | "maxTokens">;
    /** Tokens that were computed. */
    readonly result: number;
    readonly progress: never;
  };
  generate: {
    readonly params: GenerateRequest;
    readonly result: GenerationResult;
    /** The text so far. */
    readonly progress: string;
  };
  /** Continues at a cursor in several ways at once, on demand. */
  alternatives: {
    readonly params: AlternativesRequest;
    readonly result: readonly Alternative[];
    readonly progress: never;
  };
  /** Says what stands in other documents than the one that is completed: drafts are looked up there. It replaces what was said before. */
  otherTexts: { readonly params: readonly string[]; readonly result: undefined; readonly progress: never };
  /** Continues free text in several ways at once. */
  generateSeveral: {
    readonly params: GenerateSeveralRequest;
    readonly result: SeveralTexts;
    readonly progress: never;
  };
  /** The likeliest next tokens at a cursor. None when the call was cancelled. */
  candidates: { readonly params: CandidatesRequest; readonly result: NextTokens; readonly progress: never };
  /** The tokens that a completion reads, and how the model took them. None when the call was cancelled. */
  inspectPrompt: { readonly params: InspectedRequest; readonly result: PromptInspection; readonly progress: never };
  /** What the model expected in a token's place, the likeliest first: nothing in the place of the first one. */
  expectedAt: {
    readonly params: InspectedPosition & { readonly count: number };
    readonly result: readonly TokenCandidate[];
    readonly progress: never;
  };
  /** What the model would expect behind a token if it ended with each of its blocks, the first block first. */
  lens: {
    readonly params: InspectedPosition & { readonly count: number };
    readonly result: readonly LensLayer[];
    readonly progress: never;
  };
  /** Where a token looks in one layer. */
  attention: {
    readonly params: InspectedPosition & { readonly layer: number };
    readonly result: AttentionRows;
    readonly progress: never;
  };
  /** Runs the twelve checkpoints on the backend, precision and threads of the open model. Fails with an EngineError when cancelled. */
  checkpoints: {
    readonly params: CheckpointsRequest;
    readonly result: CheckpointReport;
    readonly progress: CheckpointProgress;
  };
  /** Frees what `lens` and `attention` hold: a second copy of the model. It goes by itself after a while. */
  endInspection: { readonly params: undefined; readonly result: undefined; readonly progress: never };
  stats: { readonly params: undefined; readonly result: EngineStats; readonly progress: never };
}

export type Method = keyof Calls;

/** From the host to the worker. */
export type ToWorker =
  | {
      [M in Method]: {
        readonly kind: "call";
        readonly id: number;
        readonly method: M;
        readonly params: Calls[M]["params"];
      };
    }[Method]
  | { readonly kind: "cancel"; readonly id: number };

/** From the worker to the host. */
export type ToHost =
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: EngineFailure }
  /** A call's {@link Calls} progress. */
  | { readonly kind: "progress"; readonly id: number; readonly value: unknown }
  /** A line for the log: something went wrong that does not stop the work. */
  | { readonly kind: "warning"; readonly message: string };

/** An error on its way from the worker to the host: a message for a person, and the class it had. */
export interface EngineFailure {
  readonly type: "ModelFileError" | "InputError" | "EngineError";
  readonly message: string;
  readonly detail: string | undefined;
}
