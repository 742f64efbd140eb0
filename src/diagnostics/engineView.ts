import type { EngineState } from "../engine/client";
import type { EngineStats, ModelDescription } from "../engine/protocol";
import type { EngineView, ModelFacts } from "./views";

/** What the Engine tab shows. `stats` is undefined while the engine does not run. */
export function engineView(state: EngineState, stats: EngineStats | undefined): EngineView {
  return {
    kind: "engine",
    state: state.kind,
    message: state.kind === "failed" ? state.error.message : undefined,
    model: state.kind === "ready" ? modelFacts(state.model, stats?.heapBytes ?? 0) : undefined,
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
