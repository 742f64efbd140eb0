import type { Branches, CacheSlot, LanguageModel } from "../../gpt2/languageModel";
import { assignBeams } from "./candidates";

/** Texts that a model continues together. */
export interface BeamModel extends Disposable {
  /**
   * Runs the last token of each text.
   * @param texts at most as many as there are beams: what comes after the prompt, and the beam that holds all but the last token
   * @returns the beam that each text is in now, and logits `[texts, V]`, a view that is valid until the next call
   */
  run(texts: readonly BeamInput[]): Promise<{ readonly beams: readonly number[]; readonly logits: Float32Array }>;
}

export interface BeamInput {
  readonly tokens: readonly number[];
  readonly parent: number;
}

/** @param slot holds the prompt */
export function beamModel(model: LanguageModel, slot: CacheSlot, prompt: readonly number[], beams: number): BeamModel {
  const branches = model.branch?.(slot, beams);
  return branches ? new BranchBeams(branches, beams) : new SlotBeams(model, prompt);
}

/** Beams as branches of the prompt. */
class BranchBeams implements BeamModel {
  readonly #branches: Branches;
  readonly #count: number;

  constructor(branches: Branches, count: number) {
    this.#branches = branches;
    this.#count = count;
  }

  async run(texts: readonly BeamInput[]) {
    const { beams, copies } = assignBeams(
      texts.map(({ parent }) => parent),
      this.#count,
    );
    for (const [from, to] of copies) await this.#branches.copy(from, to);
    const steps = texts.map(({ tokens }, i) => ({ branch: beams[i] ?? 0, token: tokens.at(-1) ?? 0 }));
    return { beams, logits: await this.#branches.forward(steps) };
  }

  [Symbol.dispose](): void {
    this.#branches[Symbol.dispose]();
  }
}

/** Beams of a model that cannot branch, one after the other: its cache finds what they have in common. */
class SlotBeams implements BeamModel {
  readonly #model: LanguageModel;
  readonly #prompt: readonly number[];

  constructor(model: LanguageModel, prompt: readonly number[]) {
    this.#model = model;
    this.#prompt = prompt;
  }

  async run(texts: readonly BeamInput[]) {
    const { vocabSize } = this.#model.config;
    const logits = new Float32Array(texts.length * vocabSize);
    for (const [i, { tokens }] of texts.entries()) {
      const sequence = [...this.#prompt, ...tokens];
      using slot = await this.#model.acquire(sequence);
      logits.set(await this.#model.forward(slot, sequence.slice(slot.tokens.length)), i * vocabSize);
    }
    return { beams: texts.map((_, i) => i), logits };
  }

  [Symbol.dispose](): void {
    return undefined;
  }
}
