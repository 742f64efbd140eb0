import type { GenerateForm } from "./form";
import type { Preset } from "./presets";

/** A token that could stand in place of another. */
export interface AlternativeView {
  /** With U+FFFD for a part of a character. */
  readonly text: string;
  /** Before any filter or penalty. */
  readonly probability: number;
  /** Whether it is the token that was chosen. */
  readonly chosen: boolean;
}

/** A token of a text: what the text grew by, and what else was likely. */
export interface TokenView {
  readonly text: string;
  readonly probability: number;
  /** The likeliest first. */
  readonly alternatives: readonly AlternativeView[];
}

/** Why a text ended, or that it goes on. */
export type TextState =
  "writing" | "stop" | "length" | "endOfText" | "cancelled" | "time" | "context" | "failed" | "stored";

/** One of the texts in the page. */
export interface TextView {
  readonly id: number;
  /** The text that it was branched from. */
  readonly parent: number | undefined;
  /** The number of its tokens that came from the parent. */
  readonly branchedAt: number;
  /** Undefined where nothing was drawn. */
  readonly seed: number | undefined;
  /** The text where its tokens are not known; empty otherwise. */
  readonly plain: string;
  readonly tokens: readonly TokenView[];
  /** The number of tokens before {@link tokens}, which the page has already. */
  readonly from: number;
  /** How much of the tokens' text is shown, in UTF-16 units: what follows may become, or is, a stop string. */
  readonly shown: number;
  readonly state: TextState;
  /** Whether it stays when new texts are written. */
  readonly kept: boolean;
}

/** What a text grew by. */
export type TextGrowthView = Pick<TextView, "id" | "plain" | "tokens" | "from" | "shown" | "state">;

/** How far a run is. */
export interface RunView {
  readonly running: boolean;
  /** Whether the model is being opened. */
  readonly loading: boolean;
  /** Tokens so far, of all texts. */
  readonly tokens: number;
  /** The most there can be. */
  readonly of: number;
  /** From the first token on. */
  readonly decodeMs: number;
  /** Why it failed. */
  readonly problem: string | undefined;
}

export interface HistoryRow {
  readonly id: string;
  readonly at: number;
  readonly model: string;
  /** The end of the prompt. */
  readonly prompt: string;
  /** The beginning of the first text. */
  readonly text: string;
  readonly texts: number;
}

export interface ModelView {
  /** Undefined while it is not known. */
  readonly name: string | undefined;
  readonly constraints: boolean;
  readonly beams: boolean;
}

/** From the host to the page. Each part replaces what the page shows of it. */
export interface ToPage {
  readonly form?: GenerateForm;
  readonly presets?: readonly Preset[];
  readonly model?: ModelView;
  readonly texts?: readonly TextView[];
  readonly growth?: readonly TextGrowthView[];
  readonly run?: RunView;
  readonly history?: { readonly on: boolean; readonly rows: readonly HistoryRow[] };
}

/** What can be done with a text. */
export type TextAction = "keep" | "copy" | "insert" | "open" | "continue" | "remove";

/** From the page to the host. */
export type ToHost =
  /** The page is loaded: send everything. */
  | { readonly kind: "show" }
  /** The form was changed. */
  | { readonly kind: "form"; readonly form: GenerateForm }
  | { readonly kind: "generate"; readonly form: GenerateForm }
  | { readonly kind: "cancel" }
  /** Take the selection of the last active editor for the prompt. */
  | { readonly kind: "useSelection" }
  | { readonly kind: "selectModel" }
  | { readonly kind: "savePreset"; readonly form: GenerateForm }
  | { readonly kind: "text"; readonly id: number; readonly action: TextAction }
  /** Write a text anew from a token on, with one of its alternatives in its place. */
  | { readonly kind: "branch"; readonly id: number; readonly position: number; readonly alternative: number }
  | { readonly kind: "history"; readonly id: string; readonly action: "view" | "repeat" | "remove" }
  | { readonly kind: "clearHistory" };
