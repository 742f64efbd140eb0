import type { CacheSlotRow, EngineView, ModelFacts, PageCommand, RequestRow } from "../protocol";
import { element, table } from "./dom";
import { age, byteSize, milliseconds, tokensPerSecond } from "./format";

const states: Readonly<Record<EngineView["state"], string>> = {
  idle: "Not running. It starts when something is asked of it.",
  loading: "Opening the model…",
  ready: "Running.",
  failed: "Stopped.",
};

/** Draws what the engine holds, and how its last requests went. */
export function renderEngine(view: EngineView): Node[] {
  const [last] = view.recent;
  return [
    element("p", { class: view.state === "failed" ? "failure" : "note" }, view.message ?? states[view.state]),
    ...(view.model ? [facts("Model", modelFacts(view.model))] : []),
    ...(last ? [facts("Last request", requestFacts(last))] : []),
    ...(view.slots.length > 0 ? [slotTable(view.slots)] : []),
    ...(view.recent.length > 0 ? [recentTable(view.recent)] : []),
  ];
}

/** The buttons below the figures. Made once, so that a button keeps its focus while the figures change. */
export function engineActions(run: (command: PageCommand) => void): HTMLElement {
  const actions: readonly (readonly [PageCommand, string])[] = [
    ["selectModel", "Select Model…"],
    ["restartEngine", "Restart Engine"],
    ["showLog", "Show Log"],
  ];
  const buttons = actions.map(([command, label]) => {
    const button = element("button", { class: "action" }, label);
    button.addEventListener("click", () => run(command));
    return button;
  });
  return element("p", { class: "actions" }, ...buttons);
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
    ["Backend", model.backend === "wasm" ? "WebAssembly" : "WebGPU"],
    ["Precision", model.precision],
    ["Threads", String(model.threads)],
    ["Weights", byteSize(model.weightBytes)],
    ["Heap", byteSize(model.heapBytes)],
    ["Opened in", milliseconds(model.loadMs)],
  ];
}

function requestFacts(request: RequestRow): Fact[] {
  const computed = request.promptTokens - request.cachedTokens;
  return [
    ["Total", milliseconds(request.totalMs)],
    ["First token", milliseconds(request.firstTokenMs)],
    ["Waiting", milliseconds(request.queueMs)],
    ["Tokenise", milliseconds(request.tokenizeMs)],
    ["Prefill", `${milliseconds(request.prefillMs)}, ${computed} of ${request.promptTokens} tokens`],
    ["Decode", `${milliseconds(request.decodeMs)}, ${request.newTokens} tokens`],
    ["Speed", `${tokensPerSecond(request.newTokens, request.decodeMs)} tokens/s`],
  ];
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
