import { type Gpt2Config, headWidth } from "../gpt2/config/config";
import { inspectModel } from "../gpt2/weights/inspect";
import { cacheBytes } from "../gpt2/kvCache/heapStorage";
import { capacityFor } from "../gpt2/kvCache/storage";
import type { LanguageModel } from "../gpt2/languageModel";
import { tokenizerFor } from "../tokenizer/tokenizerFor";
import { openModel } from "./openModel";
import type { EnginePlatform } from "./platform";
import type { DraftModelChoice, DraftModelDescription, ModelDescription, OpenOptions } from "./protocol";

/** A draft model that is ready to run, or what to tell of one that is not. */
export interface OpenedDraftModel {
  readonly description: DraftModelDescription;
  readonly model?: LanguageModel;
}

/**
 * Opens a draft model in the way that the model itself was opened. Never fails: what is wrong becomes its description.
 * @param options of the model that it is to draft for
 * @param main that model
 * @param warn is told what went wrong without stopping the work, in a sentence for the log
 */
export async function openDraftModel(
  platform: EnginePlatform,
  choice: DraftModelChoice,
  options: OpenOptions,
  main: ModelDescription,
  warn: (message: string) => void,
): Promise<OpenedDraftModel> {
  if (choice.kind === "unusable") return { description: choice };
  try {
    const { name, config } = await inspectModel(await platform.openFiles(choice));
    const tokenizer = tokenizerFor(config).name;
    if (tokenizer !== main.tokenizer) {
      return unusable(
        `${name} cannot draft for ${main.name}: its vocabulary is ${tokenizer}, and that of the model is ${main.tokenizer}. Take one with the same vocabulary, or none.`,
      );
    }
    const own = { location: choice, threads: main.info.threads, cacheBudgetBytes: oneFullSlot(config) };
    const { weights, model } = await openModel(platform, { ...options, ...own }, warn);
    await using opened = weights;
    const { weightBytes } = model.info;
    return { model, description: { kind: "ready", name, storage: opened.storage, weightBytes } };
  } catch (error) {
    return unusable(error instanceof Error ? error.message : String(error));
  }
}

function unusable(problem: string): OpenedDraftModel {
  return { description: { kind: "unusable", problem } };
}

/** Room for one sequence as long as the context, or for several of the short ones that are read for drafts. */
function oneFullSlot(config: Gpt2Config): number {
  const { layers, kvHeads, contextLength } = config;
  const shape = { layers, width: kvHeads * headWidth(config), contextLength };
  return cacheBytes(shape, capacityFor(shape, contextLength));
}
