import type { BackendState, ServerPresence, TextTimings } from "../backend/backend";
import type { AdapterDescription, ModelDescription } from "../engine/protocol";
import type { PartInfo } from "../gpt2/languageModel";
import type { Localization } from "./localization";
import { serverLines, serverSuffix } from "./serverView";
import { statusState, type StateInput, type StatusState } from "./state";

/** What the status bar item depends on. */
export interface StatusInput extends StateInput {
  /** The server that is set up. */
  readonly server?: ServerPresence | undefined;
  readonly last: TextTimings | undefined;
  /** What is wrong with the settings, a sentence each. */
  readonly settingProblems?: readonly string[];
  readonly workspace: WorkspaceInput;
}

/** The progress of the workspace index. */
export interface WorkspaceInput {
  readonly state: "off" | "indexing" | "ready" | "full" | "failed";
  readonly files: number;
  /** Bytes of text. */
  readonly bytes: number;
}

/** What the status bar item shows. `lines` are plain text, one paragraph each. */
export interface StatusView {
  readonly state: StatusState;
  readonly text: string;
  readonly accessibleLabel: string;
  readonly warning: boolean;
  readonly lines: readonly string[];
}

/** Describes in one icon and a few lines what the extension is doing. */
export function statusView(input: StatusInput, l10n: Localization): StatusView {
  const state = statusState(input);
  const message = describeState(state, l10n);
  return {
    state,
    text: `$(${icons[state.kind]}) ${labelOf(state)}${serverSuffix(input.server)}`,
    accessibleLabel: l10n.t("GPT-2: {0}", message),
    warning: state.kind === "failed",
    lines: [message, ...details.flatMap((linesOf) => linesOf(input, l10n))],
  };
}

const icons: Readonly<Record<StatusState["kind"], string>> = {
  failed: "warning",
  loading: "loading~spin",
  off: "circle-slash",
  offForLanguage: "circle-slash",
  snoozed: "bell-slash",
  pausedOnBattery: "debug-pause",
  working: "sync~spin",
  indexing: "database",
  notLoaded: "sparkle",
  ready: "sparkle",
};

function labelOf(state: StatusState): string {
  return state.kind === "loading" && state.share !== undefined ? `GPT-2 ${percent(state.share)}` : "GPT-2";
}

/** A state in a sentence. */
function describeState(state: StatusState, l10n: Localization): string {
  switch (state.kind) {
    case "failed":
      return state.error.message;
    case "loading":
      return state.share === undefined
        ? l10n.t("Loading the model…")
        : l10n.t("Loading the model: {0}", percent(state.share));
    case "off":
      return l10n.t("Inline completions are off.");
    case "offForLanguage":
      return l10n.t("Inline completions are off for {0}.", state.language);
    case "snoozed":
      return l10n.t("Snoozed until {0}. Suggestions that are asked for still come.", timeOf(state.until));
    case "pausedOnBattery":
      return l10n.t("Paused on battery. Suggestions that are asked for still come.");
    case "working":
      return l10n.t("Working…");
    case "indexing":
      return l10n.t("Indexing the workspace…");
    case "notLoaded":
      return l10n.t("The model is loaded on first use.");
    case "ready":
      return l10n.t("Ready.");
  }
}

/** What the tooltip says after the state, in this order. */
const details: readonly ((input: StatusInput, l10n: Localization) => string[])[] = [
  ({ settingProblems = [] }) => [...settingProblems],
  ({ server }, l10n) => serverLines(server, l10n),
  ({ backend }, l10n) => modelLines(backend, l10n),
  ({ workspace }, l10n) => workspaceLines(workspace, l10n),
  ({ pausedOnBattery }, l10n) =>
    pausedOnBattery === "idleWork" ? [l10n.t("On battery, nothing is prepared between keystrokes.")] : [],
  ({ last }, l10n) => lastLines(last, l10n),
];

function modelLines(backend: BackendState, l10n: Localization): string[] {
  if (backend.kind !== "ready") return [];
  const { name, localModel } = backend.description;
  if (!localModel) return [name];
  const { storage, info, draftModel, adapters = [] } = localModel;
  const threads = info.threads === 1 ? l10n.t("1 thread") : l10n.t("{0} threads", info.threads);
  const backendName = {
    kernels: l10n.t("WebAssembly kernels"),
    onnxruntime: l10n.t("ONNX Runtime on WebAssembly"),
    webgpu: l10n.t("ONNX Runtime on WebGPU"),
  }[info.backend];
  return [
    `${name} (${storage})`,
    l10n.t("{0}, {1}, {2}, {3} MB of weights", backendName, info.precision, threads, megabytes(info.weightBytes)),
    ...(info.parts ? [l10n.t("Split over {0} heaps: {1} layers", info.parts.length, layersOf(info.parts))] : []),
    ...draftModelLines(draftModel, l10n),
    ...adapters.map((adapter) => adapterLine(adapter, l10n)),
  ];
}

/** The layers of each part of a split model. */
function layersOf(parts: readonly PartInfo[]): string {
  return parts.map(({ layers }) => layers).join(" + ");
}

function draftModelLines(draftModel: ModelDescription["draftModel"], l10n: Localization): string[] {
  if (!draftModel) return [];
  if (draftModel.kind === "unusable") return [l10n.t("The draft model is not used. {0}", draftModel.problem)];
  const { name, storage, weightBytes } = draftModel;
  return [l10n.t("Draft model: {0} ({1}), {2} MB of weights", name, storage, megabytes(weightBytes))];
}

function adapterLine(adapter: AdapterDescription, l10n: Localization): string {
  return adapter.kind === "ready"
    ? l10n.t("Adapter: {0} (rank {1})", adapter.name, adapter.rank)
    : l10n.t("The adapter {0} is not used. {1}", adapter.name, adapter.problem);
}

function workspaceLines({ state, files, bytes }: WorkspaceInput, l10n: Localization): string[] {
  const count = files === 1 ? l10n.t("1 file") : l10n.t("{0} files", files);
  const size = l10n.t("{0}, {1} MB", count, (bytes / 1e6).toFixed(1));
  switch (state) {
    case "off":
      return [];
    case "indexing":
      return [l10n.t("Indexing the workspace: {0}", size)];
    case "ready":
      return [l10n.t("Workspace index: {0}", size)];
    case "full":
      return [l10n.t("Workspace index: {0}. The memory limit in the settings is reached.", size)];
    case "failed":
      return [l10n.t("The workspace index has failed. See the log.")];
  }
}

function lastLines(last: TextTimings | undefined, l10n: Localization): string[] {
  if (!last) return [];
  const tokens = last.newTokens === 1 ? l10n.t("1 token") : l10n.t("{0} tokens", last.newTokens);
  return [
    l10n.t(
      "Last: {0} in {1} ms, the first after {2} ms",
      tokens,
      Math.round(last.totalMs),
      Math.round(last.firstTokenMs),
    ),
    ...(last.networkMs === undefined ? [] : [l10n.t("Of that, network: {0} ms", Math.round(last.networkMs))]),
  ];
}

/** A clock time; with the day if it is not today's. */
function timeOf(date: Date): string {
  const isToday = date.toDateString() === new Date().toDateString();
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  return isToday
    ? date.toLocaleTimeString(undefined, time)
    : date.toLocaleString(undefined, { weekday: "long", ...time });
}

function percent(share: number): string {
  return `${Math.floor(100 * share)} %`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
