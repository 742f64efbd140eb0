import type { EngineState } from "../engine/client";
import type { ModelDescription } from "../engine/protocol";
import type { Timings } from "../generation/request";

/** What the status bar item is told from. */
export interface StatusInput {
  readonly engine: EngineState;
  /** `gpt2.inlineCompletions.enabled`. */
  readonly enabled: boolean;
  /** Whether the active editor's language is on; undefined without an editor. */
  readonly languageEnabled: boolean | undefined;
  /** A name for the active editor's language. */
  readonly languageId: string | undefined;
  readonly last: Timings | undefined;
  readonly workspace: WorkspaceInput;
}

/** How far the index of the workspace's text is. */
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

/** Says in one icon and a few lines what the extension is doing. */
export function statusView(input: StatusInput): StatusView {
  const { icon, says } = stateOf(input);
  return {
    text: `$(${icon}) GPT-2`,
    accessibleLabel: `GPT-2: ${says}`,
    warning: input.engine.kind === "failed",
    lines: [says, ...modelLines(input.engine), ...workspaceLines(input.workspace), ...lastLines(input.last)],
  };
}

function stateOf({ engine, enabled, languageEnabled, languageId }: StatusInput): { icon: string; says: string } {
  if (engine.kind === "failed") return { icon: "warning", says: engine.error.message };
  if (engine.kind === "loading") return { icon: "loading~spin", says: "The model is being opened." };
  if (!enabled) return { icon: "circle-slash", says: "Inline completions are off." };
  if (languageEnabled === false) {
    return { icon: "circle-slash", says: `Inline completions are off for ${languageId ?? "this language"}.` };
  }
  if (engine.kind === "idle") return { icon: "sparkle", says: "The model is opened when it is first needed." };
  return { icon: "sparkle", says: "Ready." };
}

function modelLines(engine: EngineState): string[] {
  if (engine.kind !== "ready") return [];
  const { name, storage, info, draftModel } = engine.model;
  const threads = info.threads === 1 ? "1 thread" : `${info.threads} threads`;
  const megabytes = Math.round(info.weightBytes / 1e6);
  return [
    `${name} (${storage})`,
    `${backendNames[info.backend]}, ${info.precision}, ${threads}, ${megabytes} MB of weights`,
    ...draftModelLines(draftModel),
  ];
}

function draftModelLines(draftModel: ModelDescription["draftModel"]): string[] {
  if (!draftModel) return [];
  if (draftModel.kind === "unusable") return [`The draft model is not used. ${draftModel.problem}`];
  const { name, storage, weightBytes } = draftModel;
  return [`Drafts by ${name} (${storage}), ${Math.round(weightBytes / 1e6)} MB of weights`];
}

const backendNames = { kernels: "WebAssembly kernels", onnxruntime: "ONNX Runtime" };

function workspaceLines({ state, files, bytes }: WorkspaceInput): string[] {
  const size = `${files === 1 ? "1 file" : `${files} files`}, ${(bytes / 1e6).toFixed(1)} MB`;
  switch (state) {
    case "off":
      return [];
    case "indexing":
      return [`The workspace is being indexed: ${size}`];
    case "ready":
      return [`Workspace index: ${size}`];
    case "full":
      return [`Workspace index: ${size}. More do not fit the memory that the settings grant it.`];
    case "failed":
      return ["The workspace index has failed. The log says why."];
  }
}

function lastLines(last: Timings | undefined): string[] {
  if (!last) return [];
  const tokens = last.newTokens === 1 ? "1 token" : `${last.newTokens} tokens`;
  return [`Last: ${tokens} in ${Math.round(last.totalMs)} ms, the first after ${Math.round(last.firstTokenMs)} ms`];
}
