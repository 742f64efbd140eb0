import type { BackendState, TextTimings } from "../backend/backend";
import type { ModelDescription } from "../engine/protocol";
import type { InlineState } from "./inlineSwitch";
import type { Localization } from "./localization";

/** What the status bar item depends on. */
export interface StatusInput {
  readonly backend: BackendState;
  readonly inline: InlineState;
  /** The name of the active editor's language; undefined without an editor. */
  readonly language: string | undefined;
  readonly last: TextTimings | undefined;
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
  readonly text: string;
  readonly accessibleLabel: string;
  readonly warning: boolean;
  readonly lines: readonly string[];
}

/** Describes in one icon and a few lines what the extension is doing. */
export function statusView(input: StatusInput, l10n: Localization): StatusView {
  const { icon, message } = stateOf(input, l10n);
  return {
    text: `$(${icon}) GPT-2`,
    accessibleLabel: l10n.t("GPT-2: {0}", message),
    warning: input.backend.kind === "failed",
    lines: [
      message,
      ...modelLines(input.backend, l10n),
      ...workspaceLines(input.workspace, l10n),
      ...lastLines(input.last, l10n),
    ],
  };
}

function stateOf({ backend, inline, language }: StatusInput, l10n: Localization): { icon: string; message: string } {
  if (backend.kind === "failed") return { icon: "warning", message: backend.error.message };
  if (backend.kind === "loading") return { icon: "loading~spin", message: l10n.t("Loading the model…") };
  if (inline === "off") return { icon: "circle-slash", message: l10n.t("Inline completions are off.") };
  if (inline === "offForLanguage") {
    return { icon: "circle-slash", message: l10n.t("Inline completions are off for {0}.", language ?? "") };
  }
  if (backend.kind === "idle") return { icon: "sparkle", message: l10n.t("The model is loaded on first use.") };
  return { icon: "sparkle", message: l10n.t("Ready.") };
}

function modelLines(backend: BackendState, l10n: Localization): string[] {
  if (backend.kind !== "ready") return [];
  const { name, localModel } = backend.description;
  if (!localModel) return [name];
  const { storage, info, draftModel } = localModel;
  const threads = info.threads === 1 ? l10n.t("1 thread") : l10n.t("{0} threads", info.threads);
  const backendName =
    info.backend === "kernels" ? l10n.t("WebAssembly kernels") : l10n.t("ONNX Runtime on WebAssembly");
  return [
    `${name} (${storage})`,
    l10n.t("{0}, {1}, {2}, {3} MB of weights", backendName, info.precision, threads, megabytes(info.weightBytes)),
    ...draftModelLines(draftModel, l10n),
  ];
}

function draftModelLines(draftModel: ModelDescription["draftModel"], l10n: Localization): string[] {
  if (!draftModel) return [];
  if (draftModel.kind === "unusable") return [l10n.t("The draft model is not used. {0}", draftModel.problem)];
  const { name, storage, weightBytes } = draftModel;
  return [l10n.t("Draft model: {0} ({1}), {2} MB of weights", name, storage, megabytes(weightBytes))];
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
  ];
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
