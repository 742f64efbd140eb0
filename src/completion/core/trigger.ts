import { isClosing } from "./cursor";

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
  /** Whether the file looks like one that holds secrets. */
  readonly secret: boolean;
  /** Cursors in the editor. */
  readonly cursors: number;
  readonly hasSelection: boolean;
  readonly lineRest: string;
}

/** Why nothing is suggested. */
export type Refusal = "disabled" | "language" | "secret" | "readonly" | "multipleCursors" | "selection" | "insideLine";

/** Why there should be no completion here, or undefined. Invoked explicitly, there is one inside a line too, and while ghost text is off. */
export function refusal(situation: Situation): Refusal | undefined {
  const invoked = situation.trigger === "invoked";
  if (!situation.enabled && !invoked) return "disabled";
  if (!languageEnabled(situation.languages, situation.languageId)) return "language";
  if (situation.secret) return "secret";
  if (!situation.writable) return "readonly";
  if (situation.cursors > 1) return "multipleCursors";
  if (situation.hasSelection) return "selection";
  if (!isClosing(situation.lineRest) && !invoked) return "insideLine";
  return undefined;
}

/** The setting's value for one language. */
export function languageEnabled(languages: Readonly<Record<string, boolean>>, languageId: string): boolean {
  return languages[languageId] ?? languages["*"] ?? true;
}
