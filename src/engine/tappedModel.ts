import { type ModelWithWeights, openModel } from "./openModel";
import type { EnginePlatform } from "./platform";
import type { OpenOptions } from "./protocol";

/** A second copy of a model whose graph hands out the tensors inside it. Disposing it frees all of it. */
export interface TappedModelWithWeights extends ModelWithWeights, AsyncDisposable {}

/** Opens a model as the engine does for completions, but with taps, and with a cache for one sequence. @throws as {@link openModel} */
export async function openTappedModel(
  platform: EnginePlatform,
  options: OpenOptions,
  warn: (message: string) => void,
): Promise<TappedModelWithWeights> {
  // One sequence is kept whatever the budget.
  const opened = await openModel(platform, { ...options, cacheBudgetBytes: 0 }, true, warn);
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await opened.model[Symbol.asyncDispose]();
      await opened.weights[Symbol.asyncDispose]();
    },
  };
}
