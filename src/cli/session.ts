import { join } from "node:path";
import { nodePlatform } from "../engine/host/nodePlatform";
import { openTappedModel, type TappedModelWithWeights } from "../engine/openModel";
import type { EnginePlatform } from "../engine/platform";
import type { ModelDescription, OpenOptions } from "../engine/protocol";
import { EngineService } from "../engine/service";
import { notUsed, threadsNotUsed } from "./notUsed";
import type { RunOptions } from "./runOptions";
import type { Output } from "./output";

/** The bundled model. */
export const bundledModel = join(__dirname, "..", "models", "gpt2-code-mini");

/** The engine's platform in Node, with the files of ONNX Runtime next to this program. */
export function enginePlatform(): EnginePlatform {
  return nodePlatform(join(__dirname, "ort"), __dirname);
}

/** An engine in this thread, with a model open. */
export interface Session extends AsyncDisposable {
  readonly engine: EngineService;
  readonly model: ModelDescription;
}

/** What the engine is to open for the options of a command. */
export function openOptions({
  model,
  adapter,
  backend,
  deviceMap,
  precision,
  threads,
}: Pick<RunOptions, "model" | "adapter" | "backend" | "deviceMap" | "precision" | "threads">): OpenOptions {
  return {
    location: { kind: "path", path: model ?? bundledModel },
    ...{ backend, deviceMap, precision, threads, cacheFolder: undefined },
    ...(adapter !== undefined && { mergedAdapter: { kind: "path", path: adapter } }),
  };
}

/** Opens the model that the command line names to look inside it. @param warn as for {@link openTappedModel} */
export async function openTapped(
  options: Parameters<typeof openOptions>[0],
  warn: (message: string) => void,
): Promise<TappedModelWithWeights> {
  const tapped = await openTappedModel(enginePlatform(), openOptions(options), warn);
  const note = threadsNotUsed(options.threads, tapped.model.info);
  if (note !== undefined) warn(note);
  return tapped;
}

/**
 * Opens the model that the command line names. A draft model that cannot be used is reported, and the model opens without it.
 * @throws ModelFileError when it or its adapter is not there or cannot be used.
 */
export async function openSession(options: RunOptions, output: Output): Promise<Session> {
  const warn = (message: string) => output.note(`gpt2: ${message}\n`);
  const engine = new EngineService(enginePlatform(), warn);
  const { draftModel, half, contextLimit } = options;
  const draft = draftModel === undefined ? {} : { draftModel: { kind: "path", path: draftModel } as const };
  const description = await engine.open({
    ...openOptions(options),
    ...{ ...draft, roundToHalf: half },
    ...(contextLimit !== undefined && { contextLimit }),
  });
  for (const note of notUsed(options, description)) warn(note);
  if (description.draftModel?.kind === "unusable") warn(`--draft-model is not used. ${description.draftModel.problem}`);
  return {
    engine,
    model: description,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
