import type { RequestControl } from "../../control";
import type { StepCosts } from "../costs";
import type { CostlyDrafter } from "../drafter";
import { bestDraftLength, maxDraftLength } from "../length";
import type { ConfidenceCalibration } from "./confidenceCalibration";
import type { DraftModelCosts } from "./costs";
import type { DraftBudget } from "./draftBudget";
import type { DraftModel, DraftToken } from "./draftModel";

type Tokens = readonly number[];

/** Up to this many tokens the draft model reads in about the time of one. */
const readAtOnce = 2;
/** The approximate cost of each further token that it reads, in drafted tokens. */
const readCost = 0.2;

/** What a {@link DraftModelDrafter} bases its decisions on. */
export interface DraftModelDrafterOptions {
  readonly calibration: ConfidenceCalibration;
  readonly budget: DraftBudget;
  /** Costs of the target model's steps. */
  readonly costs: StepCosts;
  /** Costs of the draft model's tokens. */
  readonly draftCosts: DraftModelCosts;
  /** Tokens that were lately generated in the time of one step without drafts. */
  readonly throughput: () => number;
  /** How many tokens at the start of the text are constrained by healing and not worth drafting. */
  readonly constrained: number;
}

/**
 * Drafts the most likely continuation under a smaller model (Leviathan et al. 2023). It drafts tokens for as long as one more is likely
 * enough to be accepted for what it costs, and proposes those that are worth verifying.
 */
export class DraftModelDrafter implements CostlyDrafter {
  readonly #model: DraftModel;
  readonly #options: DraftModelDrafterOptions;
  #drafted: readonly DraftToken[] = [];
  #constrained: number;
  #mayDraft = false;
  #cost = 1;

  constructor(model: DraftModel, options: DraftModelDrafterOptions) {
    this.#model = model;
    this.#options = options;
    this.#constrained = options.constrained;
  }

  get cost(): number {
    return this.#cost;
  }

  async propose(sequence: Tokens, limit: number, control: RequestControl): Promise<Tokens> {
    const { calibration, budget, costs, draftCosts } = this.#options;
    this.#mayDraft = limit > 0 && this.#constrained <= 0 && budget.mayDraft();
    this.#drafted = this.#mayDraft ? await this.#draft(sequence, limit, control) : [];
    const probabilities = this.#drafted.map(({ confidence }) => calibration.acceptance(confidence));
    const length = bestDraftLength(probabilities, (drafted) => costs.of(drafted), this.#throughput);
    this.#cost = costs.of(length) + draftCosts.perToken * this.#drafted.length;
    return this.#drafted.slice(0, length).map(({ token }) => token);
  }

  record(chosen: Tokens): void {
    const { calibration, budget, draftCosts } = this.#options;
    this.#constrained -= chosen.length;
    if (!this.#mayDraft) return;
    for (const [i, token] of chosen.entries()) {
      const drafted = this.#drafted[i];
      if (!drafted) break;
      calibration.record(drafted.confidence, drafted.token === token);
      if (drafted.token !== token) break;
    }
    const read = Math.max(0, (this.#drafted[0]?.tokensRead ?? 0) - readAtOnce);
    budget.recordStep(chosen.length, this.#cost, readCost * read * draftCosts.perToken);
    this.#mayDraft = false;
  }

  /** Drafts must beat the present throughput, and always that of steps without drafts. */
  get #throughput(): number {
    return Math.max(1, this.#options.throughput());
  }

  /** Drafts tokens for as long as one more is expected to pay. */
  async #draft(sequence: Tokens, limit: number, control: RequestControl): Promise<DraftToken[]> {
    const { calibration, costs, draftCosts } = this.#options;
    const most = Math.min(limit, maxDraftLength);
    const price = this.#throughput * (draftCosts.perToken + costs.of(1) - 1);
    const drafted: DraftToken[] = [];
    let reached = 1;
    for await (const token of this.#model.continuation(sequence, control)) {
      if (token.tokensRead <= readAtOnce) draftCosts.record(token.ms);
      drafted.push(token);
      reached *= calibration.acceptance(token.confidence);
      if (drafted.length >= most || reached * calibration.meanAcceptance < price) break;
    }
    return drafted;
  }
}
