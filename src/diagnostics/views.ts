/**
 * What each tab of the diagnostics panel shows. Plain data, imported by the host side and by the page; nothing here knows the editor,
 * the engine or the DOM.
 */
import type { LinePart } from "../completion/core/ranking/linePart";
import type { BackendComparisonView, Finite } from "./backendViews";

/** Why a tab that follows the cursor has nothing to show. `unsupported`: the backend does not let anybody look that deep. */
export type EmptyView =
  | { readonly kind: "noEditor" }
  | { readonly kind: "opening" }
  | { readonly kind: "unsupported" }
  | { readonly kind: "failed"; readonly message: string };

/** Where the cursor is. */
export interface CursorPosition {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** How the next token is chosen. */
export interface Sampling {
  /** Whether what the cursor may have cut is rolled back and chosen again, as a completion does. */
  readonly healing: boolean;
  /** 0: the likeliest, always. */
  readonly temperature: number;
  /** 0: all tokens. */
  readonly topK: number;
  /** 1: all tokens. */
  readonly topP: number;
}

export const defaultSampling: Sampling = { healing: false, temperature: 1, topK: 0, topP: 1 };

/** A token that the model considered. */
export interface CandidateRow {
  readonly token: number;
  readonly text: string;
  /** Null for a token that may not be chosen there. */
  readonly logit: number | null;
  /** At temperature 1, before any filter. */
  readonly probability: number;
  /** How likely it is drawn, after temperature, top-k and top-p. */
  readonly chance: number;
  /** 1 for the likeliest. */
  readonly rank: number;
}

/** What a person can do with a token: insert it at the cursor, and for `continue` also trigger a completion after it. */
export type PickAction = "insert" | "continue";

/** The next token at the cursor. */
export interface LogitsView {
  readonly kind: "logits";
  readonly cursor: CursorPosition;
  /** The end of the text before the cursor. */
  readonly before: string;
  /** The end of `before` that healing takes back; the candidates begin with it, or are the beginning of it. */
  readonly rolledBack: string;
  /** How many tokens the choice is among. */
  readonly choices: number;
  /** What the chances are computed with. */
  readonly sampling: Sampling;
  /** The likeliest first. */
  readonly candidates: readonly CandidateRow[];
  /** What the search found, the likeliest first; undefined without a search. */
  readonly found: readonly CandidateRow[] | undefined;
  /** Milliseconds from asking to the answer. */
  readonly ms: number;
}

/** What a token of the prompt belongs to. `rolledBack`: the end of the prefix that healing has the model choose again. */
export type Segment = "special" | "suffix" | "header" | "prefix" | "rolledBack";

/** A token of the prompt. */
export interface PromptToken {
  readonly token: number;
  readonly text: string;
  readonly segment: Segment;
  /** What the model thought of it: not known of the first one, which nothing precedes. */
  readonly prediction?:
    | {
        /** −log₂ of the probability that the model gave to this token, in bits. */
        readonly surprisal: number;
        /** How unsure the model was, in bits. */
        readonly entropy: number;
        /** 1 if it was the likeliest. */
        readonly rank: number;
      }
    | undefined;
}

/** The prompt of a completion at the cursor. */
export interface TextView {
  readonly kind: "text";
  readonly cursor: CursorPosition;
  readonly tokens: readonly PromptToken[];
  /** Positions that the model knows. */
  readonly contextLength: number;
  /** Characters before the cursor that did not fit: the window begins after them. */
  readonly windowStart: number;
  /** What was expected in place of the chosen token. */
  readonly expected: ExpectedView;
  readonly ms: number;
}

/** What the model expected in place of a token of the prompt. */
export interface ExpectedView {
  /** The token's index in the prompt. */
  readonly position: number;
  /** The likeliest first; nothing in place of the first token. */
  readonly candidates: readonly CandidateRow[];
}

/** The logit lens after a token, and the attention of a head from there. */
export interface LayersView {
  readonly kind: "layers";
  readonly cursor: CursorPosition;
  readonly tokens: readonly PromptToken[];
  /** The index of the token. */
  readonly position: number;
  /** The likeliest next tokens after each block. */
  readonly blocks: readonly { readonly layer: number; readonly candidates: readonly CandidateRow[] }[];
  readonly attention: AttentionView;
  readonly ms: number;
}

/** How much one head looks at each token up to the chosen one. */
export interface AttentionView {
  /** From 0. */
  readonly layer: number;
  /** From 0. */
  readonly head: number;
  readonly layers: number;
  readonly heads: number;
  /** A weight a token, from the first to the chosen one; they add up to 1. */
  readonly weights: readonly number[];
}

/** A line that may have been suggested. */
export interface WhyLine {
  readonly text: string;
  /** That it is what will be written. */
  readonly probability: number;
  /** The model's, of the whole line; null for a line that it could not score. */
  readonly logProbability: number | null;
  readonly fromModel: boolean;
  /** Whether names in it were replaced by those around the cursor. */
  readonly isRenamed: boolean;
  /** Where the line stands in the workspace. Lines are counted from 1. */
  readonly places: readonly { readonly uri: string; readonly file: string; readonly line: number }[];
}

/** What the last suggestion was chosen from. */
export type WhyView =
  | { readonly kind: "undecided" }
  /** Whatever completes gives no log-probabilities of lines: the model's own text is suggested. */
  | { readonly kind: "unranked" }
  | {
      readonly kind: "why";
      /** The cursor's line up to the cursor. */
      readonly linePrefix: string;
      /** Whether the likeliest line, or its beginning, reached the threshold. */
      readonly shown: boolean;
      /** The beginning of the likeliest line, when only that reached it. */
      readonly part?: LinePart;
      readonly threshold: number;
      /** The likeliest first. */
      readonly lines: readonly WhyLine[];
    };

/** Two tensors number by number: the reference's (expected) and the engine's (actual). */
export interface ComparisonView {
  readonly name: string;
  readonly shape: readonly number[];
  readonly maxAbsDiff: Finite;
  /** Index of the largest difference, one number per dimension. */
  readonly at: readonly number[];
  readonly tolerance: number;
  readonly passed: boolean;
  readonly histogram: { readonly edges: readonly number[]; readonly counts: readonly number[] };
  readonly firstValues: { readonly expected: readonly Finite[]; readonly actual: readonly Finite[] };
  readonly note?: string | undefined;
}

export interface CheckpointResultView extends Pick<ComparisonView, "shape" | "maxAbsDiff" | "tolerance"> {
  readonly status: "passed" | "failed" | "suspect";
  readonly parts: readonly ComparisonView[];
}

/** One of the twelve. */
export interface CheckpointView {
  readonly number: number;
  readonly name: string;
  /** What is compared. */
  readonly compares: string;
  /** What to look at first when it fails. */
  readonly guidance: string;
  /** Undefined until it was run. */
  readonly result?: CheckpointResultView | undefined;
}

/** A run of the checkpoints, or the prospect of one. */
export interface CheckpointsView {
  readonly kind: "checkpoints";
  readonly state: "ready" | "running" | "done" | "cancelled" | "failed";
  /** Why it failed to run. */
  readonly message: string | undefined;
  /** What was or is tested, such as `gpt2-code-mini, int8 on wasm, 2 threads`. */
  readonly subject: string | undefined;
  /** From 0 to 1. */
  readonly progress: number;
  readonly checkpoints: readonly CheckpointView[];
  /** The names of the LoRA adapters that the model can be checked with. */
  readonly adapters: readonly string[];
  readonly comparison: BackendComparisonView;
}
