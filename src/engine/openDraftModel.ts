import { type Gpt2Config, headWidth } from "../gpt2/config/config";
import { inspectModel } from "../gpt2/weights/inspect";
import { cacheBytes } from "../gpt2/kvCache/heapStorage";
import { capacityFor } from "../gpt2/kvCache/storage";
import type { LanguageModel } from "../gpt2/languageModel";
import { tokenizerFor } from "../tokenizer/tokenizerFor";
import { openModel } from "./openModel";
import type { EnginePlatform } from "./platform";
import type { DraftModelChoice, DraftModelDescription, ModelDescription, OpenOptions } from "./protocol";

/** A draft model that is ready to run, or the description of one that is not. */
export interface OpenedDraftModel {
  readonly description: DraftModelDescription;
  readonly model?: LanguageModel;
}

/**
 * Opens a draft model with the options of the main model. Never throws: a problem becomes its description.
 * @param options those of the main model
 * @param main the model that it drafts for
 * @param warn receives problems that do not stop the work, each a sentence for the log
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
        `${name} cannot draft for ${main.name}: its vocabulary is ${tokenizer}, that of the model is ${main.tokenizer}. Use a draft model with the same vocabulary, or none.`,
      );
    }
    const own = {
      location: choice,
      deviceMap: "auto",
      threads: main.info.threads,
      cacheBudgetBytes: oneFullSlot(config),
    };
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

/** Bytes for one sequence of full context length, or for several of the short ones that drafting reads. */
function oneFullSlot(config: Gpt2Config): number {
  const { layers, kvHeads, contextLength } = config;
  const shape = { layers, width: kvHeads * headWidth(config), contextLength };
  return cacheBytes(shape, capacityFor(shape, contextLength));
}
