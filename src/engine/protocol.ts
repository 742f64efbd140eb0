import type { CacheSlotInfo, ModelInfo, Precision } from "../gpt2/languageModel";
import type { Gpt2Config } from "../gpt2/config";
import type {
  CompletionRequest,
  GenerateRequest,
  GenerationResult,
  Prompt,
  Timings,
  TokenCandidate,
} from "../generation/request";

/** Where the worker finds a model: a path that it opens itself (Node), or bytes that were read for it (browser, virtual files). */
export type ModelLocation =
  | { readonly kind: "path"; readonly path: string }
  | {
      readonly kind: "bytes";
      readonly name: string;
      readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
    };

export interface OpenOptions {
  readonly location: ModelLocation;
  readonly precision: Precision;
  /** 0: chosen from the machine. */
  readonly threads: number;
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
}

export interface EngineStats {
  readonly model: ModelDescription | undefined;
  /** Size of the WebAssembly heap; it never shrinks. */
  readonly heapBytes: number;
  readonly slots: readonly CacheSlotInfo[];
  /** Tokens that the open model was run on. */
  readonly computedTokens: number;
  /** The newest last. */
  readonly recent: readonly Timings[];
}

/** The calls that the engine answers: argument and result of each. Those in {@link Streams} also send text while they run. */
export interface Calls {
  open: { readonly params: OpenOptions; readonly result: ModelDescription };
  complete: { readonly params: CompletionRequest; readonly result: GenerationResult };
  generate: { readonly params: GenerateRequest; readonly result: GenerationResult };
  /** The likeliest next tokens behind a prompt, the likeliest first. */
  candidates: {
    readonly params: { readonly prompt: Prompt; readonly count: number };
    readonly result: readonly TokenCandidate[];
  };
  stats: { readonly params: undefined; readonly result: EngineStats };
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
  | { readonly kind: "text"; readonly id: number; readonly text: string }
  /** A line for the log: something went wrong that does not stop the work. */
  | { readonly kind: "warning"; readonly message: string };

/** An error on its way from the worker to the host: a message for a person, and the class it had. */
export interface EngineFailure {
  readonly type: "ModelFileError" | "InputError" | "EngineError";
  readonly message: string;
  readonly detail: string | undefined;
}
