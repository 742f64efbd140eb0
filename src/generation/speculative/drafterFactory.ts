import type { SamplingOptions } from "../request";
import { greedyBelow } from "../sampling/sampler";
import { StepCosts } from "./costs";
import { type Drafter, FallbackDrafter } from "./drafter";
import { ConfidenceCalibration } from "./draftModel/confidenceCalibration";
import type { DraftModelCosts } from "./draftModel/costs";
import { DraftBudget } from "./draftModel/draftBudget";
import type { DraftModel } from "./draftModel/draftModel";
import { DraftModelDrafter } from "./draftModel/draftModelDrafter";
import { AcceptanceEstimator } from "./promptLookup/acceptanceEstimator";
import { BigramIndex } from "./promptLookup/bigramIndex";
import { PromptLookup } from "./promptLookup/promptLookup";

/** Shorter texts are not kept for prompt lookup, in tokens. */
const minTextLength = 3;
/** How many generated texts are kept for prompt lookup. */
const maxWrittenTexts = 20;

/** How often drafts were accepted, and what they gained, under one kind of sampling. */
class AcceptanceStats {
  readonly lookup = new AcceptanceEstimator();
  readonly calibration = new ConfidenceCalibration();
  readonly budget = new DraftBudget();
}

/** A draft model and what its tokens cost. */
export interface DraftModelWithCosts {
  readonly model: DraftModel;
  readonly costs: DraftModelCosts;
}

/** Creates the drafters of all requests to a model, which share acceptance statistics, costs, and texts to look up drafts in. */
export class DrafterFactory {
  readonly costs: StepCosts;
  readonly #draftModel: DraftModelWithCosts | undefined;
  /** A sampled token is less predictable than the most likely one, so the two have statistics of their own. */
  readonly #greedy = new AcceptanceStats();
  readonly #sampled = new AcceptanceStats();
  /** Generated texts, the newest first. */
  #written: BigramIndex[] = [];
  /** Texts of other documents. */
  #others: readonly BigramIndex[] = [];

  /** @param draftModel drafts where prompt lookup finds nothing */
  constructor(costs = new StepCosts(), draftModel?: DraftModelWithCosts) {
    this.costs = costs;
    this.#draftModel = draftModel;
  }

  /** Whether drafts may take time. */
  get hasDraftModel(): boolean {
    return this.#draftModel !== undefined;
  }

  /**
   * Creates the drafter for one text.
   * @param constrained how many tokens at its start repeat what healing rolled back
   */
  drafter({ temperature }: SamplingOptions, constrained = 0): Drafter {
    const { lookup, calibration, budget } = temperature < greedyBelow ? this.#greedy : this.#sampled;
    const promptLookup = new PromptLookup(lookup, this.costs, [...this.#written, ...this.#others]);
    if (!this.#draftModel) return promptLookup;
    const { model, costs: draftCosts } = this.#draftModel;
    const throughput = () => lookup.throughput;
    const options = { calibration, budget, costs: this.costs, draftCosts, throughput, constrained };
    return new FallbackDrafter(promptLookup, new DraftModelDrafter(model, options));
  }

  /** Replaces the texts of other documents, given as tokens. */
  setOthers(texts: readonly (readonly number[])[]): void {
    this.#others = texts.map((tokens) => new BigramIndex(tokens));
  }

  /** Adds a generated text; the oldest one is dropped if there are too many. */
  addWritten(tokens: readonly number[]): void {
    if (tokens.length < minTextLength) return;
    this.#written = [new BigramIndex(tokens), ...this.#written].slice(0, maxWrittenTexts);
  }
}
