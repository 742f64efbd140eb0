import type { PageCommand, ToPanel } from "../protocol";
import type { CacheSlotRow, EngineView, ModelFacts, RequestRow } from "../views";
import { action, element, note, replaceContent, table } from "./dom";
import { age, byteSize, milliseconds, tokensPerSecond } from "./format";
import { latencies, timeline } from "./requestCharts";

const states: Readonly<Record<EngineView["state"], string>> = {
  idle: "Not running. It starts when something is asked of it.",
  loading: "Opening the model…",
  ready: "Running.",
  failed: "Stopped.",
};

const actions: readonly (readonly [PageCommand, string])[] = [
  ["selectModel", "Select Model…"],
  ["restartEngine", "Restart Engine"],
  ["showLog", "Show Log"],
];

const backends: Readonly<Record<ModelFacts["backend"], string>> = {
  kernels: "WebAssembly SIMD, own kernels",
  onnxruntime: "WebAssembly SIMD, ONNX Runtime",
};

/** How many of the last requests the timeline and the table list; the histogram is of all. */
const listed = 20;

/** What the engine holds, and how its last requests went. */
export class EngineTab {
  readonly element: HTMLElement;
  readonly #figures = element("div");

  constructor(post: (message: ToPanel) => void) {
    const buttons = actions.map(([command, label]) => action(label, () => post({ kind: "run", command })));
    this.element = element("div", {}, this.#figures, element("p", { class: "actions" }, ...buttons));
  }

  show({ state, message, model, recent, slots }: EngineView): void {
    const [last] = recent;
    const newest = recent.slice(0, listed);
    replaceContent(
      this.#figures,
      note(message ?? states[state], state === "failed" ? "failure" : "note"),
      ...(model ? [facts("Model", modelFacts(model))] : []),
      ...(last ? [facts("Last request", requestFacts(last, recent))] : []),
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
  const shape = `${model.layers} layers, ${model.heads} heads, width ${model.width}`;
  return [
    ["Name", model.name],
    ["Architecture", `${model.architecture}, ${shape}`],
    ["Context", `${model.contextLength} tokens`],
    ["Vocabulary", `${model.vocabSize} tokens, ${model.tokenizer}`],
    ["Fill in the middle", model.fillInTheMiddle ? "yes" : "no"],
    ["Storage", model.storage],
    ["Backend", backends[model.backend]],
    ["Precision", model.precision === "int8" ? "int8 weights and activations" : "f32"],
    ["Threads", String(model.threads)],
    ["Weights", byteSize(model.weightBytes)],
    ["Heap", byteSize(model.heapBytes)],
    ["Opened in", milliseconds(model.loadMs)],
    ...draftModelFacts(model.draftModel),
  ];
}

function draftModelFacts(draftModel: ModelFacts["draftModel"]): Fact[] {
  if (!draftModel) return [];
  const { kind } = draftModel;
  if (kind === "unusable") return [["Draft model", `not used. ${draftModel.problem}`]];
  return [["Draft model", `${draftModel.name}, ${draftModel.storage}, ${byteSize(draftModel.weightBytes)} of weights`]];
}

function requestFacts(request: RequestRow, recent: readonly RequestRow[]): Fact[] {
  const computed = request.promptTokens - request.cachedTokens;
  return [
    ["Total", milliseconds(request.totalMs)],
    ["First token", milliseconds(request.firstTokenMs)],
    ["Cache hit", `${request.cachedTokens} of ${request.promptTokens} tokens`],
    ["Waiting", milliseconds(request.queueMs)],
    ["Tokenise", milliseconds(request.tokenizeMs)],
    ["Prefill", `${milliseconds(request.prefillMs)}, ${computed} of ${request.promptTokens} tokens`],
    ["Decode", `${milliseconds(request.decodeMs)}, ${request.newTokens} tokens`],
    ["Drafts", drafts([request])],
    [`Drafts of the last ${recent.length}`, drafts(recent)],
    ["Speed", `${tokensPerSecond(request.newTokens, request.decodeMs)} tokens/s`],
  ];
}

/** How many drafted tokens the model agreed with. */
function drafts(requests: readonly RequestRow[]): string {
  const sum = (key: "draftedTokens" | "acceptedTokens") => requests.reduce((total, request) => total + request[key], 0);
  const [drafted, accepted] = [sum("draftedTokens"), sum("acceptedTokens")];
  return drafted === 0
    ? "none"
    : `${accepted} of ${drafted} tokens accepted (${Math.round((accepted / drafted) * 100)} %)`;
}

function slotTable(slots: readonly CacheSlotRow[]): HTMLElement {
  const columns = [
    { title: "Slot" },
    { title: "Tokens", numeric: true },
    { title: "Room for", numeric: true },
    { title: "Size", numeric: true },
    { title: "Unused for", numeric: true },
  ];
  const rows = slots.map(({ id, length, capacity, bytes, idleMs }) => [
    String(id),
    String(length),
    String(capacity),
    byteSize(bytes),
    age(idleMs),
  ]);
  return table("Cache slots", columns, rows);
}

function recentTable(recent: readonly RequestRow[]): HTMLElement {
  const titles = ["Total", "First token", "Tokenise", "Prefill", "Decode", "Prompt", "Cached", "New", "Tokens/s"];
  const columns = [{ title: "Request" }, ...titles.map((title) => ({ title, numeric: true }))];
  const rows = recent.map((request, i) => [
    i === 0 ? "last" : `${i} before`,
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
  return table("Recent requests", columns, rows);
}
