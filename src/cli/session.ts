import { join } from "node:path";
import { nodePlatform } from "../engine/host/nodePlatform";
import type { EnginePlatform } from "../engine/platform";
import type { ModelDescription } from "../engine/protocol";
import { EngineService } from "../engine/service";
import type { RunOptions } from "./arguments";

/** The model that comes with the extension. */
export const bundledModel = join(__dirname, "..", "models", "gpt2-code-mini");

/** What the engine needs from Node, with ONNX Runtime's files beside this program. */
export function enginePlatform(): EnginePlatform {
  return nodePlatform(join(__dirname, "ort"));
}

/** An engine with a model open, in this very thread. */
export interface Session extends AsyncDisposable {
  readonly engine: EngineService;
  readonly model: ModelDescription;
}

/**
 * Opens the model that the command line names.
 * @throws ModelFileError when it is not there or cannot be run.
 */
export async function openSession({ model, precision, threads }: RunOptions): Promise<Session> {
  const engine = new EngineService(enginePlatform());
  const location = { kind: "path", path: model ?? bundledModel } as const;
  return {
    engine,
    model: await engine.open({ location, precision, threads, cacheFolder: undefined }),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
