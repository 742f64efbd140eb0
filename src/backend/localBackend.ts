import type { EngineClient } from "../engine/client";
import type { EngineState } from "../engine/engineState";
import type { ModelDescription } from "../engine/protocol";
import type { ScoreRequest } from "../generation/ranking/scoreLines";
import type { AlternativesRequest, CompletionRequest } from "../generation/request";
import type {
  BackendDescription,
  BackendState,
  CompletionBackend,
  ReadAheadRequest,
  RequestOptions,
  StreamOptions,
  TextRequest,
  TextTimings,
} from "./backend";
import type { TextsOptions, TextsRequest, WrittenTexts } from "./texts";

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

  readAhead({ prompt, maxTokens, adapter }: ReadAheadRequest, options?: RequestOptions) {
    return this.#engine.readAhead({ prompt, maxTokens, ...(adapter !== undefined && { adapter }) }, options);
  }

  generate(request: TextRequest, options?: StreamOptions) {
    return this.#engine.generate(request, options);
  }

  async generateTexts(request: TextsRequest, options: TextsOptions = {}): Promise<WrittenTexts> {
    const { prompt: text, written, maxTokens, samplings, stops, constraint, beams, alternatives, adapter } = request;
    const prompt = written ? { text, written } : text;
    const rules = {
      maxTokens,
      ...(adapter !== undefined && { adapter }),
      ...(stops && { stops }),
      ...(constraint && { constraint }),
    };
    const [sampling] = samplings;
    if (beams && sampling) {
      const search = { ...rules, prompt, sampling, beams: beams.count, lengthPenalty: beams.lengthPenalty };
      const onText = (soFar: string) => options.onGrowth?.({ index: 0, text: soFar });
      const { texts, timings } = await this.#engine.beamSearch(
        { ...search, count: samplings.length },
        { ...options, onText },
      );
      return { texts: texts.map(({ text, finish }) => ({ text, finish, tokens: [] })), timings };
    }
    const { texts, timings } = await this.#engine.generateSeveral(
      {
        ...rules,
        texts: samplings.map((sampling) => ({ prompt, sampling })),
        logProbabilities: alternatives,
        branchable: true,
      },
      { ...options, ...(options.onGrowth && { onProgress: options.onGrowth }) },
    );
    return { texts: texts.map(({ text, finish, choices = [] }) => ({ text, finish, tokens: choices })), timings };
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
      texts: { tokens: true, constraints: true, beams: true },
      checkpoints: true,
    },
    localModel: model,
  };
}
