import type { PageCommand, ToPanel } from "../protocol";
import type { AdapterFacts, CacheSlotRow, EngineView, ModelFacts, RequestRow } from "../engineViews";
import { backendNames, backendSpeeds } from "./backendSpeeds";
import { action, element, note, replaceContent, table, wide } from "./dom";
import { age, byteSize, milliseconds, tokensPerSecond } from "./format";
import { latencies, timeline } from "./requestCharts";
import { serverFacts } from "./serverFacts";
import { l10n } from "./l10n";

const states: Readonly<Record<EngineView["state"], string>> = {
  idle: l10n.t("Not running. It starts with the first request."),
  loading: l10n.t("Loading the model…"),
  ready: l10n.t("Running."),
  failed: l10n.t("Stopped."),
};

const actions: readonly (readonly [PageCommand, string])[] = [
  ["selectModel", l10n.t("Select Model…")],
  ["restartEngine", l10n.t("Restart Engine")],
  ["showLog", l10n.t("Show Log")],
];

const precisions: Readonly<Record<ModelFacts["precision"], string>> = {
  int8: l10n.t("8-bit weights"),
  int4: l10n.t("4-bit weights"),
  f16: "f16",
  f32: "f32",
};

/** Requests in the timeline and the table; the histogram is of all. */
const listed = 20;

/** The model, its cache, and the last requests. */
export class EngineTab {
  readonly element: HTMLElement;
  readonly #figures = element("div");

  constructor(post: (message: ToPanel) => void) {
    const buttons = actions.map(([command, label]) => action(label, () => post({ kind: "run", command })));
    const measure = action(l10n.t("Measure Backends"), () => post({ kind: "measureBackends" }));
    this.element = element("div", {}, this.#figures, element("p", { class: "actions" }, ...buttons, measure));
  }

  show({ state, message, model, backends, server, recent, slots }: EngineView): void {
    const [last] = recent;
    const newest = recent.slice(0, listed);
    replaceContent(
      this.#figures,
      note(message ?? states[state], state === "failed" ? "failure" : "note"),
      ...(server ? [facts(l10n.t("Server"), serverFacts(server))] : []),
      ...(model ? [facts(l10n.t("Model"), modelFacts(model))] : []),
      ...(model ? backendSpeeds(backends) : []),
      ...(last ? [facts(l10n.t("Last request"), requestFacts(last, recent))] : []),
      ...(slots.length > 0 ? [slotTable(slots)] : []),
      ...(last ? [timeline(newest), latencies(recent), recentTable(newest)] : []),
    );
  }
}

type Fact = readonly [name: string, value: string];

function facts(title: string, entries: readonly Fact[]): HTMLElement {
  const pairs = entries.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return element("section", {}, element("h2", {}, title), element("dl", {}, ...pairs));
}

function modelFacts(model: ModelFacts): Fact[] {
  const shape = l10n.t("{0} layers, {1} heads, width {2}", model.layers, model.heads, model.width);
  return [
    [l10n.t("Name"), model.name],
    [l10n.t("Architecture"), `${model.architecture}, ${shape}`],
    [l10n.t("Context"), l10n.t("{0} tokens", model.contextLength)],
    [l10n.t("Vocabulary"), l10n.t("{0} tokens, {1}", model.vocabSize, model.tokenizer)],
    [l10n.t("Fill in the middle"), model.fillInTheMiddle ? l10n.t("yes") : l10n.t("no")],
    [l10n.t("Storage"), model.storage],
    [l10n.t("Backend"), backendNames[model.backend]],
    [l10n.t("Precision"), precisions[model.precision]],
    [l10n.t("Threads"), String(model.threads)],
    [l10n.t("Weights"), byteSize(model.weightBytes)],
    [l10n.t("Heap"), byteSize(model.heapBytes)],
    ...partFacts(model),
    [l10n.t("Loaded in"), milliseconds(model.loadMs)],
    ...draftModelFacts(model.draftModel),
    ...model.adapters.map(adapterFact),
  ];
}

/** How a model is split over several heaps. */
function partFacts({ partLayers }: ModelFacts): Fact[] {
  if (!partLayers) return [];
  return [[l10n.t("Parts"), l10n.t("{0} heaps with {1} layers", partLayers.length, partLayers.join(" + "))]];
}

function draftModelFacts(draftModel: ModelFacts["draftModel"]): Fact[] {
  if (!draftModel) return [];
  const { kind } = draftModel;
  if (kind === "unusable") return [[l10n.t("Draft model"), l10n.t("not used. {0}", draftModel.problem)]];
  return [
    [
      l10n.t("Draft model"),
      l10n.t("{0}, {1}, {2} of weights", draftModel.name, draftModel.storage, byteSize(draftModel.weightBytes)),
    ],
  ];
}

function adapterFact(adapter: AdapterFacts): Fact {
  const value =
    adapter.kind === "ready"
      ? l10n.t("{0}, rank {1}, {2}", adapter.name, adapter.rank, byteSize(adapter.bytes))
      : l10n.t("{0} is not used. {1}", adapter.name, adapter.problem);
  return [l10n.t("Adapter"), value];
}

function requestFacts(request: RequestRow, recent: readonly RequestRow[]): Fact[] {
  const computed = request.promptTokens - request.cachedTokens;
  return [
    [l10n.t("Total"), milliseconds(request.totalMs)],
    [l10n.t("First token"), milliseconds(request.firstTokenMs)],
    [l10n.t("Cache hit"), l10n.t("{0} of {1} tokens", request.cachedTokens, request.promptTokens)],
    [l10n.t("Waiting"), milliseconds(request.queueMs)],
    ...(request.networkMs === undefined ? [] : [[l10n.t("Network"), milliseconds(request.networkMs)] as const]),
    [l10n.t("Tokenize"), milliseconds(request.tokenizeMs)],
    [
      l10n.t("Prefill"),
      l10n.t("{0}, {1} of {2} tokens", milliseconds(request.prefillMs), computed, request.promptTokens),
    ],
    [l10n.t("Decode"), l10n.t("{0}, {1} tokens", milliseconds(request.decodeMs), request.newTokens)],
    [l10n.t("Drafts"), drafts([request])],
    [l10n.t("Drafts of the last {0}", recent.length), drafts(recent)],
    [l10n.t("Speed"), l10n.t("{0} tokens/s", tokensPerSecond(request.newTokens, request.decodeMs))],
  ];
}

/** How many drafted tokens were accepted. */
function drafts(requests: readonly RequestRow[]): string {
  const sum = (key: "draftedTokens" | "acceptedTokens") => requests.reduce((total, request) => total + request[key], 0);
  const [drafted, accepted] = [sum("draftedTokens"), sum("acceptedTokens")];
  return drafted === 0
    ? l10n.t("none")
    : l10n.t("{0} of {1} tokens accepted ({2} %)", accepted, drafted, Math.round((accepted / drafted) * 100));
}

function slotTable(slots: readonly CacheSlotRow[]): HTMLElement {
  const columns = [
    { title: l10n.t("Slot") },
    { title: l10n.t("Tokens"), numeric: true },
    { title: l10n.t("Capacity"), numeric: true },
    { title: l10n.t("Size"), numeric: true },
    { title: l10n.t("Idle"), numeric: true },
  ];
  const rows = slots.map(({ id, length, capacity, bytes, idleMs }) => [
    String(id),
    String(length),
    String(capacity),
    byteSize(bytes),
    age(idleMs),
  ]);
  const caption = l10n.t("Cache slots");
  return wide(caption, table(caption, columns, rows));
}

function recentTable(recent: readonly RequestRow[]): HTMLElement {
  const titles = [
    l10n.t("Total"),
    l10n.t("First token"),
    l10n.t("Tokenize"),
    l10n.t("Prefill"),
    l10n.t("Decode"),
    l10n.t("Prompt"),
    l10n.t("Cached"),
    l10n.t("New"),
    l10n.t("Tokens/s"),
  ];
  const columns = [{ title: l10n.t("Request") }, ...titles.map((title) => ({ title, numeric: true }))];
  const rows = recent.map((request, i) => [
    i === 0 ? l10n.t("last") : l10n.t("{0} before", i),
    milliseconds(request.totalMs),
    milliseconds(request.firstTokenMs),
    milliseconds(request.tokenizeMs),
    milliseconds(request.prefillMs),
    milliseconds(request.decodeMs),
    String(request.promptTokens),
    String(request.cachedTokens),
    String(request.newTokens),
    tokensPerSecond(request.newTokens, request.decodeMs),
  ]);
  const caption = l10n.t("Recent requests");
  return wide(caption, table(caption, columns, rows));
}
