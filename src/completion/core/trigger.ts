import { isClosing } from "./cursor";
import { excludedAlways, type Exclusion } from "./exclusions";

/** `automatic`: because something was typed. `invoked`: a person asked with a command. */
export type Trigger = "automatic" | "invoked";

/** What decides whether there should be a completion. */
export interface Situation {
  readonly trigger: Trigger;
  readonly enabled: boolean;
  /** Language identifiers that are switched on or off; `*` is every other one. */
  readonly languages: Readonly<Record<string, boolean>>;
  readonly languageId: string;
  readonly writable: boolean;
  /** Whether the editor draws text at the cursor: far out in a very long line it does not, and Tab would insert what nobody has seen. */
  readonly drawn: boolean;
  /** A setting because of which nothing is suggested at the cursor. */
  readonly exclusion: Exclusion | undefined;
  /** Cursors in the editor. */
  readonly cursors: number;
  readonly hasSelection: boolean;
  readonly lineRest: string;
}

/** Why nothing is suggested. */
export type Refusal =
  "disabled" | "language" | "readonly" | "notDrawn" | "multipleCursors" | "selection" | "insideLine" | Exclusion;

/** Why there should be no completion here, or undefined. Invoked explicitly, there is one inside a line too, and while ghost text is off. */
export function refusal(situation: Situation): Refusal | undefined {
  const invoked = situation.trigger === "invoked";
  if (!situation.enabled && !invoked) return "disabled";
  if (!languageEnabled(situation.languages, situation.languageId)) return "language";
  const { exclusion } = situation;
  if (exclusion && (!invoked || excludedAlways.has(exclusion))) return exclusion;
  if (!situation.writable) return "readonly";
  if (!situation.drawn) return "notDrawn";
  if (situation.cursors > 1) return "multipleCursors";
  if (situation.hasSelection) return "selection";
  if (!isClosing(situation.lineRest) && !invoked) return "insideLine";
  return undefined;
}

/** The setting's value for one language. */
export function languageEnabled(languages: Readonly<Record<string, boolean>>, languageId: string): boolean {
  return languages[languageId] ?? languages["*"] ?? true;
}
