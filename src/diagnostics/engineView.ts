import type { BackendState, ServerPresence } from "../backend/backend";
import type { EngineStats, ModelDescription } from "../engine/protocol";
import type { BackendFindings } from "../backend/choice/backendChooser";
import { suggestionMs } from "../backend/choice/fasterBackend";
import type { BackendSpeedRow, BackendsView } from "./backendViews";
import type { EngineView, ModelFacts, ServerFacts } from "./engineViews";

/** What is known of the backends that can run the open model. */
export interface KnownBackends {
  readonly findings: BackendFindings | undefined;
  readonly measuring: boolean;
}

/** What the Engine tab shows. @param stats undefined while the engine is not running */
export function engineView(
  state: BackendState,
  stats: EngineStats | undefined,
  backends: KnownBackends,
  server?: ServerPresence,
): EngineView {
  const localModel = state.kind === "ready" ? state.description.localModel : undefined;
  return {
    kind: "engine",
    state: state.kind,
    message: state.kind === "failed" ? state.error.message : undefined,
    model: localModel && modelFacts(localModel, stats?.heapBytes ?? 0),
    backends: backendsView(backends, localModel),
    server: server && serverFacts(server, state),
    slots: stats?.slots ?? [],
    recent: stats?.recent.toReversed() ?? [],
  };
}

function serverFacts({ host, isUsed, problem }: ServerPresence, state: BackendState): ServerFacts {
  const description = isUsed && state.kind === "ready" ? state.description : undefined;
  const { fillInTheMiddle = false, lineScores = false } = description?.capabilities ?? {};
  return { host, model: description?.name, fillInTheMiddle, lineScores, problem };
}

function modelFacts(
  { name, storage, tokenizer, fillInTheMiddle, config, info, draftModel, adapters = [] }: ModelDescription,
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
    ...(info.parts && { partLayers: info.parts.map(({ layers }) => layers) }),
    draftModel,
    adapters,
  };
}

function backendsView({ findings, measuring }: KnownBackends, model: ModelDescription | undefined): BackendsView {
  const speeds = (findings?.speeds ?? []).map((result): BackendSpeedRow => {
    const { backend } = result;
    const isUsed = backend === model?.info.backend;
    if (result.kind === "unavailable") return { backend, isUsed, speed: undefined, problem: result.problem };
    return { backend, isUsed, speed: { ...result.speed, suggestionMs: suggestionMs(result.speed) } };
  });
  return { measuring, chosen: findings?.chosen, speeds };
}
