import type { CacheSlot, LanguageModel, SlotUse } from "../languageModel";
import type { TappedModel } from "../taps";

/** A model that answers with one of its adapters: the same model, whose slots are all acquired with that. Disposing it does nothing. */
export function withAdapter(model: LanguageModel, adapter: string): LanguageModel {
  return {
    config: model.config,
    info: model.info,
    get heapBytes() {
      return model.heapBytes;
    },
    get fullSlots() {
      return model.fullSlots;
    },
    get computedTokens() {
      return model.computedTokens;
    },
    acquire: (tokens: readonly number[], use?: SlotUse): Promise<CacheSlot> => model.acquire(tokens, use, adapter),
    rewind: (slot, length) => model.rewind(slot, length),
    forward: (slot, tokens, logitRows) => model.forward(slot, tokens, logitRows),
    ...(model.logSumExp && { logSumExp: model.logSumExp.bind(model) }),
    ...(model.branch && { branch: model.branch.bind(model) }),
    ...(model.join && { join: model.join.bind(model) }),
    slots: () => model.slots(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** As {@link withAdapter}, for a model that returns the tensors inside it. */
export function tappedWithAdapter(model: TappedModel, adapter: string): TappedModel {
  const forwardTapped: TappedModel["forwardTapped"] = (slot, tokens, taps) => model.forwardTapped(slot, tokens, taps);
  // Keeps the getters, which a spread would read once.
  return Object.assign(withAdapter(model, adapter), { forwardTapped });
}
