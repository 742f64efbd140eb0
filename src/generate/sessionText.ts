import type { ChosenToken } from "../generation/sampling/logProbabilities";
import type { GenerateForm } from "./form";
import type { TextGrowthView, TextState, TextView, TokenView } from "./protocol";

/** A text of a {@link GenerateSession}. */
export interface SessionText {
  readonly id: number;
  /** What it was asked for with, with the seed that was used. */
  readonly form: GenerateForm;
  readonly seed: number | undefined;
  parent: number | undefined;
  branchedAt: number;
  /** What comes before the tokens, or the text if its tokens are not known. */
  plain: string;
  tokens: ChosenToken[];
  /** How much of it is shown, in UTF-16 units. */
  shown: number;
  state: TextState;
  kept: boolean;
}

/** The text with what is not shown at its end. */
export function fullText({ plain, tokens }: Pick<SessionText, "plain" | "tokens">): string {
  return plain + tokens.map(({ text }) => text).join("");
}

/** The tokens of a text up to a position, and one of the alternatives there; undefined if there is none. */
export function branchTokens(
  { tokens }: Pick<SessionText, "tokens">,
  position: number,
  alternative: number,
): ChosenToken[] | undefined {
  const replaced = tokens[position];
  const chosen = replaced?.alternatives[alternative];
  if (!replaced || !chosen) return undefined;
  // A part of a character shows when the character is complete.
  const text = chosen.text.includes("\ufffd") ? "" : chosen.text;
  return [...tokens.slice(0, position), { ...chosen, text, alternatives: replaced.alternatives }];
}

/** A text for the page. @param from how many of its tokens the page has */
export function textView(text: SessionText, from: number): TextView {
  const { parent, branchedAt, seed, kept } = text;
  return { ...growthView(text, from), parent, branchedAt, seed, kept };
}

/** What a text grew by. @param from how many of its tokens the page has */
export function growthView({ id, plain, tokens, shown, state }: SessionText, from: number): TextGrowthView {
  return { id, plain, tokens: tokens.slice(from).map(tokenView), from, shown, state };
}

function tokenView({ token, text, logProbability, alternatives }: ChosenToken): TokenView {
  return {
    text,
    probability: Math.exp(logProbability),
    alternatives: alternatives.map((other) => {
      return { text: other.text, probability: Math.exp(other.logProbability), chosen: other.token === token };
    }),
  };
}
