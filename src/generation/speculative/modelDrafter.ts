import type { RequestControl } from "../context";
import { bestLength, type CostlyDrafter, longestDraft } from "./drafting";
import type { DraftModel, ModelGuess } from "./draftModel";
import type { DraftModelCosts } from "./draftModelCosts";
import type { ModelEvidence } from "./modelEvidence";
import type { StepCosts } from "./stepCosts";

type Tokens = readonly number[];

/** A step of so many tokens takes hardly longer than one of one token. */
const alike = 2;
/** What each further token that it reads costs, in guesses: about. */
const readCost = 0.2;

/** What a {@link ModelDrafter} decides by. */
export interface ModelDrafterOptions {
  readonly evidence: ModelEvidence;
  /** Of the model's steps. */
  readonly costs: StepCosts;
  /** Of the draft model's. */
  readonly draftCosts: DraftModelCosts;
  /** Tokens that lately came of the time of one step without drafts. */
  readonly speed: () => number;
  /** So many tokens at the start of the text are not free to be chosen, and so not guessed. */
  readonly constrained: number;
}

/**
 * Drafts with a smaller model (Leviathan et al. 2023; the draft is its likeliest continuation). It guesses on as long as one more token is
 * likely enough to be reached for what it costs, and proposes those that are worth checking.
 */
export class ModelDrafter implements CostlyDrafter {
  #guesses: readonly ModelGuess[] = [];
  #constrained: number;
  #asked = false;
  #cost = 1;

  constructor(
    private readonly model: DraftModel,
    private readonly options: ModelDrafterOptions,
  ) {
    this.#constrained = options.constrained;
  }

  get cost(): number {
    return this.#cost;
  }

  async propose(sequence: Tokens, room: number, control: RequestControl): Promise<Tokens> {
    const { evidence, costs, draftCosts } = this.options;
    this.#asked = room > 0 && this.#constrained <= 0 && evidence.wanted();
    this.#guesses = this.#asked ? await this.#guess(sequence, room, control) : [];
    const probabilities = this.#guesses.map(({ confidence }) => evidence.probability(confidence));
    const length = bestLength(probabilities, (drafted) => costs.of(drafted), this.#speed);
    this.#cost = costs.of(length) + draftCosts.guess * this.#guesses.length;
    return this.#guesses.slice(0, length).map(({ token }) => token);
  }

  record(chosen: Tokens): void {
    const { evidence } = this.options;
    this.#constrained -= chosen.length;
    if (!this.#asked) return;
    for (const [i, token] of chosen.entries()) {
      const guess = this.#guesses[i];
      if (!guess) break;
      evidence.record(guess.confidence, guess.token === token);
      if (guess.token !== token) break;
    }
    const read = Math.max(0, (this.#guesses[0]?.read ?? 0) - alike);
    evidence.recordStep(chosen.length, this.#cost, readCost * read * this.options.draftCosts.guess);
    this.#asked = false;
  }

  /** Drafts are measured against the speed that there is, but never against one below that of plain steps. */
  get #speed(): number {
    return Math.max(1, this.options.speed());
  }

  /** Guesses as long as that promises to pay. */
  async #guess(sequence: Tokens, room: number, control: RequestControl): Promise<ModelGuess[]> {
    const { evidence, costs, draftCosts } = this.options;
    const most = Math.min(room, longestDraft);
    const price = this.#speed * (draftCosts.guess + costs.of(1) - 1);
    const guesses: ModelGuess[] = [];
    let reached = 1;
    for await (const guess of this.model.continuation(sequence, control)) {
      if (guess.read <= alike) draftCosts.record(guess.ms);
      guesses.push(guess);
      reached *= evidence.probability(guess.confidence);
      if (guesses.length >= most || reached * evidence.usual < price) break;
    }
    return guesses;
  }
}
