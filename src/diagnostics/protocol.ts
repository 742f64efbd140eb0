/**
 * What the diagnostics panel's host side and its page say to each other. Plain data, imported by both sides; nothing here knows the
 * editor, the engine or the DOM.
 */

/** The sections of the panel. */
export const tabs = ["nextToken", "engine"] as const;
export type Tab = (typeof tabs)[number];

/** A token that the model considered. `probability` is at temperature 1. */
export interface CandidateRow {
  readonly token: number;
  readonly text: string;
  readonly logit: number;
  readonly probability: number;
}

/** The likeliest next tokens at the cursor, or why there are none. */
export type NextTokenView =
  | { readonly kind: "noEditor" }
  | { readonly kind: "opening" }
  | { readonly kind: "failed"; readonly message: string }
  | {
      readonly kind: "table";
      readonly file: string;
      /** From 1. */
      readonly line: number;
      /** From 1. */
      readonly column: number;
      /** The end of the text before the cursor. */
      readonly before: string;
      /** The likeliest first. */
      readonly candidates: readonly CandidateRow[];
      /** Milliseconds from asking to the answer. */
      readonly ms: number;
    };

/** One request: times in milliseconds, sizes in tokens. */
export interface RequestRow {
  readonly queueMs: number;
  readonly tokenizeMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly newTokens: number;
}

export interface CacheSlotRow {
  readonly id: number;
  /** Tokens in it. */
  readonly length: number;
  /** Tokens that fit before it must grow. */
  readonly capacity: number;
  readonly bytes: number;
  readonly idleMs: number;
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
  readonly backend: string;
  readonly precision: string;
  readonly threads: number;
  readonly weightBytes: number;
  readonly heapBytes: number;
  readonly loadMs: number;
}

/** The engine at one moment. */
export interface EngineView {
  readonly state: "idle" | "loading" | "ready" | "failed";
  /** Why it failed. */
  readonly message: string | undefined;
  readonly model: ModelFacts | undefined;
  readonly slots: readonly CacheSlotRow[];
  /** The newest first. */
  readonly recent: readonly RequestRow[];
}

/** From the host to the page. */
export type ToPage =
  { readonly kind: "nextToken"; readonly view: NextTokenView } | { readonly kind: "engine"; readonly view: EngineView };

/** The commands that the page's buttons may run. */
export const pageCommands = {
  selectModel: "gpt2.selectModel",
  restartEngine: "gpt2.restartEngine",
  showLog: "gpt2.showLog",
} as const;
export type PageCommand = keyof typeof pageCommands;

/** From the page to the host. */
export type ToPanel =
  /** The page is loaded, or the person chose another tab: send what it shows. */
  { readonly kind: "show"; readonly tab: Tab } | { readonly kind: "run"; readonly command: PageCommand };
