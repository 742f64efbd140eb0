import type { ModelDescription } from "../engine/protocol";
import type { ModelInfo } from "../gpt2/languageModel";
import type { RunOptions } from "./runOptions";

/** What a person is told when fewer threads compute than were asked for; undefined otherwise. */
export function threadsNotUsed(wanted: number, { backend, threads }: Pick<ModelInfo, "backend" | "threads">) {
  if (wanted <= threads) return undefined;
  const used = threads === 1 ? "1 thread" : `${threads} threads`;
  return `--threads ${wanted} is more than ${backend} can use: it runs on ${used}.`;
}

/** What a person is told about options that ask for more than the model or its backend has. */
export function notUsed(
  { threads, contextLimit = 0 }: Pick<RunOptions, "threads" | "contextLimit">,
  { config: { contextLength }, info }: Pick<ModelDescription, "config" | "info">,
): string[] {
  const forThreads = threadsNotUsed(threads, info);
  return [
    ...(forThreads === undefined ? [] : [forThreads]),
    ...(contextLimit > contextLength
      ? [`--max-context ${contextLimit} is more than the model has: it uses its ${contextLength} positions.`]
      : []),
  ];
}
