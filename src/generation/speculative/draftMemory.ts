import { DraftEvidence } from "./draftEvidence";
import { type Drafter, FreeDraftsFirst } from "./drafting";
import type { DraftModel } from "./draftModel";
import type { DraftModelCosts } from "./draftModelCosts";
import { IndexedText } from "./bigramIndex";
import { ModelDrafter } from "./modelDrafter";
import { ModelEvidence } from "./modelEvidence";
import { PromptLookup } from "./promptLookup";
import type { SamplingOptions } from "../request";
import { greedyBelow } from "../sampling/sampler";
import { StepCosts } from "./stepCosts";

const shortestText = 3;
const rememberedTexts = 20;

/** What was learned of one way to choose tokens. */
class Learned {
  readonly lookup = new DraftEvidence();
  readonly model = new ModelEvidence();
}

/** A smaller model to draft with, and what its guesses cost. */
export interface DraftingModel {
  readonly model: DraftModel;
  readonly costs: DraftModelCosts;
}

/** What the drafts of all requests to a model come from, and what was learned from them. */
export class DraftMemory {
  /** A drawn token is less predictable than the likeliest one. */
  readonly #greedy = new Learned();
  readonly #drawn = new Learned();
  /** The newest first. */
  #written: IndexedText[] = [];
  /** Those of other documents. */
  #others: readonly IndexedText[] = [];

  /** @param drafting a second model, for where nothing is found by looking it up */
  constructor(
    readonly costs = new StepCosts(),
    private readonly drafting?: DraftingModel,
  ) {}

  /** A drafter for one text. @param constrained tokens at its start that repeat what was taken back of the prompt */
  drafter({ temperature }: SamplingOptions, constrained = 0): Drafter {
    const learned = temperature < greedyBelow ? this.#greedy : this.#drawn;
    const { costs, drafting } = this;
    const lookup = new PromptLookup(learned.lookup, costs, [...this.#written, ...this.#others]);
    if (!drafting) return lookup;
    const speed = () => learned.lookup.speed;
    const options = { evidence: learned.model, costs, draftCosts: drafting.costs, speed, constrained };
    return new FreeDraftsFirst(lookup, new ModelDrafter(drafting.model, options));
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
