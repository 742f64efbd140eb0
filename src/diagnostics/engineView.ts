import type { BackendState } from "../backend/backend";
import type { EngineStats, ModelDescription } from "../engine/protocol";
import type { EngineView, ModelFacts } from "./views";

/** What the Engine tab shows. @param stats undefined while the engine is not running */
export function engineView(state: BackendState, stats: EngineStats | undefined): EngineView {
  const localModel = state.kind === "ready" ? state.description.localModel : undefined;
  return {
    kind: "engine",
    state: state.kind,
    message: state.kind === "failed" ? state.error.message : undefined,
    model: localModel && modelFacts(localModel, stats?.heapBytes ?? 0),
    slots: stats?.slots ?? [],
    recent: stats?.recent.toReversed() ?? [],
  };
}

function modelFacts(
  { name, storage, tokenizer, fillInTheMiddle, config, info, draftModel }: ModelDescription,
  heapBytes: number,
): ModelFacts {
  return {
    name,
    storage,
    tokenizer,
    fillInTheMiddle,
    architecture: config.architecture,
    layers: config.layers,
    heads: config.heads,
    width: config.width,
    vocabSize: config.vocabSize,
    contextLength: config.contextLength,
    backend: info.backend,
    precision: info.precision,
    threads: info.threads,
    weightBytes: info.weightBytes,
    loadMs: info.loadMs,
    heapBytes,
    draftModel,
  };
}
