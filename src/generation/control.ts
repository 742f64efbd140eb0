import type { ChosenToken } from "./sampling/logProbabilities";

/** How one request reports progress, yields and is cancelled. */
export interface RequestControl {
  /** When the request arrived, by the context's clock, in ms. */
  readonly arrivedAt: number;
  /** Aborted when the result is no longer wanted. What was computed stays cached. */
  readonly signal: { readonly aborted: boolean };
  /** Awaited between two steps, so that messages can arrive and more urgent requests can go first. */
  readonly pause: () => Promise<void>;
  /** Receives the text so far, each time it grows. */
  readonly onText?: (text: string, token?: ChosenToken) => void;
  /** The same for one of several texts, by its number from 0 on, with the token that was added if log probabilities are asked for. */
  readonly onTexts?: (index: number, text: string, token?: ChosenToken) => void;
}
