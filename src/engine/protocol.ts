import type { LineScore, ScoreRequest } from "../generation/ranking/scoreLines";
import type { BackendChoice, BackendDevice } from "../gpt2/backends/backend";
import type { BackendSpeed } from "../gpt2/backends/speed";
import type { BackendComparison } from "../gpt2/verification/compareModels";
import type { BeamSearchRequest, BeamSearchResult } from "../generation/beams/request";
import type { CheckpointResult } from "../gpt2/verification/checkpoints/result";
import type { CheckpointReport } from "../gpt2/verification/checkpoints/run";
import type { BackendId, CacheSlotInfo, ModelInfo, Precision } from "../gpt2/languageModel";
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
import type { ChosenToken } from "../generation/sampling/logProbabilities";
import type { TextLoss, TextLossRequest } from "../generation/inspection/textLoss";
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

/** Why a draft model or an adapter that was asked for is not used, in sentences for a person. */
export interface UnusableFile {
  readonly kind: "unusable";
  readonly problem: string;
}

/** The draft model that was asked for. */
export type DraftModelChoice = ModelLocation | UnusableFile;

/** A LoRA adapter that requests may ask for by its name, or why there is none. */
export interface AdapterChoice {
  readonly name: string;
  readonly location: ModelLocation | UnusableFile;
}

export interface OpenOptions {
  readonly location: ModelLocation;
  /** A smaller model with the same vocabulary, for speculative decoding. The model opens without it where it cannot be used. */
  readonly draftModel?: DraftModelChoice;
  /** LoRA adapters that requests may ask for. The model opens without those that cannot be used. */
  readonly adapters?: readonly AdapterChoice[];
  /** A LoRA adapter that is merged into the weights as they are read. */
  readonly mergedAdapter?: ModelLocation;
  /** By the model and the machine unless given. */
  readonly backend?: BackendChoice;
  /** How the layers are distributed over heaps, see `parseDeviceMap`; by their sizes unless given. */
  readonly deviceMap?: string;
  readonly precision: Precision;
  /** Rounds the weights to half precision first; not done unless given. */
  readonly roundToHalf?: boolean;
  /** 0: chosen from the machine. */
  readonly threads: number;
  /** Positions to use of those that the model has; by default all. */
  readonly contextLimit?: number;
  /** Memory for the KV cache in bytes; by default chosen from the model's size. */
  readonly cacheBudgetBytes?: number;
  /** Folder for prepared weights, or undefined for none. */
  readonly cacheFolder: string | undefined;
}

export interface ModelDescription {
  readonly name: string;
  readonly config: Gpt2Config;
  readonly info: ModelInfo;
  readonly tokenizer: string;
  /** Whether the model reads the text after the cursor. */
  readonly fillInTheMiddle: boolean;
  readonly storage: string;
  readonly draftModel?: DraftModelDescription;
  /** The adapters that were asked for. */
  readonly adapters?: readonly AdapterDescription[];
}

/** An adapter as it was opened. */
export type AdapterDescription =
  | { readonly kind: "ready"; readonly name: string; readonly rank: number; readonly bytes: number }
  | (UnusableFile & { readonly name: string });

/** The draft model as it was opened. */
export type DraftModelDescription =
  | { readonly kind: "ready"; readonly name: string; readonly storage: string; readonly weightBytes: number }
  | UnusableFile;

export interface EngineStats {
  readonly model: ModelDescription | undefined;
  /** Size of the WebAssembly heap, with that of the draft model; it never shrinks. */
  readonly heapBytes: number;
  readonly slots: readonly CacheSlotInfo[];
  /** Tokens that the open model has processed. */
  readonly computedTokens: number;
  /** The newest last. */
  readonly recent: readonly Timings[];
}

/** The prompt of the checkpoints: token ids, or a text; "Hello." if neither is given. */
export interface CheckpointsRequest {
  readonly prompt?: string;
  readonly tokens?: readonly number[];
  /** The LoRA adapter to check the model with; none unless given. */
  readonly adapter?: string;
}

/** What another backend is compared on. */
export interface ComparisonRequest extends CheckpointsRequest {
  readonly against: BackendId;
}

/** The machine, as far as the speed of backends depends on it. */
export interface MachineDescription {
  readonly processor: string;
  /** What can run the open model here, in order of preference; `device`: what it needs besides the processor. */
  readonly backends: readonly { readonly id: BackendId; readonly device?: BackendDevice }[];
}

/** The progress of a run of the checkpoints. */
export interface CheckpointProgress {
  /** The fraction of the work that is done, 0 to 1. */
  readonly share: number;
  /** The result that has just come in; they come in order. */
  readonly result?: CheckpointResult;
}

/** One of several texts as it grows. */
export interface TextProgress {
  /** Its number in the request, from 0 on. */
  readonly index: number;
  /** The text so far. */
  readonly text: string;
  /** The token that was added, where the request asks for log probabilities. */
  readonly token?: ChosenToken;
}

/** The calls that the engine answers: parameters, result, and what some of them report while they run. */
export interface Calls {
  open: {
    readonly params: OpenOptions;
    readonly result: ModelDescription;
    /** How much of the model's weights has been read, 0 to 1. */
    readonly progress: number;
  };
  complete: {
    readonly params: CompletionRequest;
    readonly result: GenerationResult;
    /** The text so far. */
    readonly progress: string;
  };
  /** The same for a cursor position that is likely to come next, at idle priority. */
  completeAhead: { readonly params: CompletionRequest; readonly result: GenerationResult; readonly progress: never };
  /** Prefills the prompt as it will be after the next move of its window, if that is near; at idle priority. */
  readAhead: {
    readonly params: Pick<CompletionRequest, "prompt" | "maxTokens" | "adapter">;
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
  /** Scores lines that may follow a cursor. Empty when the call was cancelled. */
  scoreLines: { readonly params: ScoreRequest; readonly result: readonly LineScore[]; readonly progress: never };
  /** Continues at a cursor in several ways at once. */
  alternatives: {
    readonly params: AlternativesRequest;
    readonly result: readonly Alternative[];
    readonly progress: never;
  };
  /** Replaces the texts of other open documents, in which prompt lookup finds drafts. */
  otherTexts: { readonly params: readonly string[]; readonly result: undefined; readonly progress: never };
  /** Writes several texts at once, from one prompt or from several. */
  generateSeveral: {
    readonly params: GenerateSeveralRequest;
    readonly result: SeveralTexts;
    readonly progress: TextProgress;
  };
  /** Finds likely texts by a beam search. */
  beamSearch: {
    readonly params: BeamSearchRequest;
    readonly result: BeamSearchResult;
    /** The likeliest text so far. */
    readonly progress: string;
  };
  /** How well the model predicts a text. Undefined when the call was cancelled. */
  textLoss: {
    readonly params: TextLossRequest;
    readonly result: TextLoss | undefined;
    /** The fraction of the text that was read, 0 to 1. */
    readonly progress: number;
  };
  /** The likeliest next tokens at a cursor. Empty when the call was cancelled. */
  candidates: { readonly params: CandidatesRequest; readonly result: NextTokens; readonly progress: never };
  /** The tokens of a completion's prompt and the model's expectations of them. Empty when the call was cancelled. */
  inspectPrompt: { readonly params: InspectedRequest; readonly result: PromptInspection; readonly progress: never };
  /** What the model expected in place of a token, the likeliest first; empty for the first token. */
  expectedAt: {
    readonly params: InspectedPosition & { readonly count: number };
    readonly result: readonly TokenCandidate[];
    readonly progress: never;
  };
  /** The logit lens after a token: what the model would expect if it ended with each of its blocks, the first block first. */
  lens: {
    readonly params: InspectedPosition & { readonly count: number };
    readonly result: readonly LensLayer[];
    readonly progress: never;
  };
  /** The attention of a token in one layer. */
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
  /** Describes the machine. The parameter limits the backends that are looked for. */
  machine: {
    readonly params: readonly BackendId[];
    readonly result: MachineDescription;
    readonly progress: never;
  };
  /** Measures backends with the open model, at idle priority. Undefined when it was cancelled, or interrupted by any request. */
  measureBackends: {
    readonly params: readonly BackendId[];
    readonly result: readonly BackendSpeed[] | undefined;
    readonly progress: never;
  };
  /** Moves the open model to another backend while requests go on. Fails, and leaves it where it is, when that cannot run it. */
  moveToBackend: { readonly params: BackendId; readonly result: undefined; readonly progress: never };
  /** Compares the open model with a copy on another backend. Fails with an EngineError when cancelled. */
  compareBackends: {
    readonly params: ComparisonRequest;
    readonly result: BackendComparison;
    readonly progress: never;
  };
  /** Frees the second copy of the model that `lens` and `attention` hold. It is also freed after an idle period. */
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
  /** The model was opened again on another backend. */
  | { readonly kind: "reopened"; readonly description: ModelDescription }
  /** A problem that does not stop the work, for the log. */
  | { readonly kind: "warning"; readonly message: string };

/** An error as it is sent from the worker to the host: a message for a person, and the class it had. */
export interface EngineFailure {
  readonly type: "ModelFileError" | "InputError" | "EngineError" | "BackendUnavailableError";
  readonly message: string;
  readonly detail: string | undefined;
}
