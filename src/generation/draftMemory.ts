import { DraftEvidence } from "./draftEvidence";
import type { Drafter } from "./drafting";
import { IndexedText } from "./indexedText";
import { PromptLookup } from "./promptLookup";
import type { SamplingOptions } from "./request";
import { greedyBelow } from "./sampling/sampler";
import { StepCosts } from "./stepCosts";

const shortestText = 3;
const rememberedTexts = 20;

/** What the drafts of all requests to a model come from, and what was learned from them. */
export class DraftMemory {
  /** A drawn token is less predictable than the likeliest one. */
  readonly #greedy = new DraftEvidence();
  readonly #drawn = new DraftEvidence();
  /** The newest first. */
  #written: IndexedText[] = [];
  /** Those of other documents. */
  #others: readonly IndexedText[] = [];

  constructor(readonly costs = new StepCosts()) {}

  /** A drafter for one text. */
  drafter({ temperature }: SamplingOptions): Drafter {
    const evidence = temperature < greedyBelow ? this.#greedy : this.#drawn;
    return new PromptLookup(evidence, this.costs, [...this.#written, ...this.#others]);
  }

  /** Takes the texts of other documents in place of those that it had. */
  setOthers(texts: readonly (readonly number[])[]): void {
    this.#others = texts.map((tokens) => new IndexedText(tokens));
  }

  /** Keeps a text that was written. */
  add(tokens: readonly number[]): void {
    if (tokens.length < shortestText) return;
    this.#written = [new IndexedText(tokens), ...this.#written].slice(0, rememberedTexts);
  }
}
