import type { EngineClient, EngineState } from "../engine/client";
import type { ModelDescription } from "../engine/protocol";
import type { ScoreRequest } from "../generation/ranking/scoreLines";
import type { AlternativesRequest, CompletionRequest } from "../generation/request";
import type {
  BackendDescription,
  BackendState,
  CompletionBackend,
  RequestOptions,
  StreamOptions,
  TextRequest,
  TextTimings,
} from "./backend";

/** The engine in the extension's own worker as a backend. */
export class LocalBackend implements CompletionBackend {
  readonly #engine: EngineClient;

  /** @param engine stays the caller's to dispose */
  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  get state(): BackendState {
    return backendState(this.#engine.state);
  }

  get inspection(): EngineClient {
    return this.#engine;
  }

  onDidChangeState(listener: (state: BackendState) => void): Disposable {
    return this.#engine.onDidChangeState((state) => listener(backendState(state)));
  }

  onDidFinish(listener: (timings: TextTimings) => void): Disposable {
    return this.#engine.onDidFinish(listener);
  }

  async describe(): Promise<BackendDescription> {
    return describeModel(await this.#engine.describe());
  }

  complete(request: CompletionRequest, options?: StreamOptions) {
    return this.#engine.complete(request, options);
  }

  completeAhead(request: CompletionRequest, options?: RequestOptions) {
    return this.#engine.completeAhead(request, options);
  }

  alternatives(request: AlternativesRequest, options?: RequestOptions) {
    return this.#engine.alternatives(request, options);
  }

  scoreLines(request: ScoreRequest, options?: RequestOptions) {
    return this.#engine.scoreLines(request, options);
  }

  readAhead({ prompt, maxTokens }: Pick<CompletionRequest, "prompt" | "maxTokens">, options?: RequestOptions) {
    return this.#engine.readAhead({ prompt, maxTokens }, options);
  }

  generate(request: TextRequest, options?: StreamOptions) {
    return this.#engine.generate(request, options);
  }

  otherTexts(texts: readonly string[]): Promise<void> {
    return this.#engine.otherTexts(texts);
  }

  restart(): Promise<void> {
    return this.#engine.restart();
  }
}

function backendState(state: EngineState): BackendState {
  return state.kind === "ready" ? { kind: "ready", description: describeModel(state.model) } : state;
}

function describeModel(model: ModelDescription): BackendDescription {
  return {
    name: model.name,
    capabilities: {
      fillInTheMiddle: model.fillInTheMiddle,
      alternatives: true,
      lineScores: true,
      readAhead: true,
      inspection: "layers",
      checkpoints: true,
    },
    localModel: model,
  };
}
