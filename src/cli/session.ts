import { join } from "node:path";
import { nodePlatform } from "../engine/host/nodePlatform";
import type { ModelDescription } from "../engine/protocol";
import { EngineService } from "../engine/service";
import type { RunOptions } from "./arguments";

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
  const engine = new EngineService(nodePlatform(join(__dirname, "ort")));
  const location = { kind: "path", path: model ?? join(__dirname, "..", "models", "gpt2-code-mini") } as const;
  return {
    engine,
    model: await engine.open({ location, precision, threads, cacheFolder: undefined }),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
