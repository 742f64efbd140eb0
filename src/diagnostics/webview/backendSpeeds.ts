import type { BackendName, BackendSpeedRow, BackendsView } from "../backendViews";
import { element, note, table, wide } from "./dom";
import { milliseconds, tokensPerSecond } from "./format";
import { l10n } from "./l10n";

/** The backends as people know them. */
export const backendNames: Readonly<Record<BackendName, string>> = {
  kernels: l10n.t("WebAssembly SIMD, own kernels"),
  onnxruntime: l10n.t("WebAssembly SIMD, ONNX Runtime"),
  webgpu: l10n.t("WebGPU, ONNX Runtime"),
};

/** How fast the backends were when they were measured, and which one is used for that; nothing before. */
export function backendSpeeds({ measuring, chosen, speeds }: BackendsView): readonly Node[] {
  const state = measuring ? [note(l10n.t("Measuring the backends…"))] : [];
  if (speeds.length === 0) return state;
  const columns = [
    { title: l10n.t("Backend") },
    { title: l10n.t("Prompt, tokens/s"), numeric: true },
    { title: l10n.t("Text, tokens/s"), numeric: true },
    { title: l10n.t("A suggestion"), numeric: true },
    { title: l10n.t("Use") },
  ];
  const reason =
    chosen === undefined
      ? []
      : [note(l10n.t("Chosen automatically: {0}. A suggestion takes the least time there.", backendNames[chosen]))];
  const caption = l10n.t("Speed of the backends");
  return [element("section", {}, wide(caption, table(caption, columns, speeds.map(row))), ...reason), ...state];
}

function row({ backend, isUsed, speed, problem }: BackendSpeedRow): string[] {
  const use = problem === undefined ? (isUsed ? l10n.t("in use") : "") : l10n.t("not available. {0}", problem);
  if (!speed) return [backendNames[backend], "–", "–", "–", use];
  const { prefillMs, decodeMs, suggestionMs } = speed;
  return [
    backendNames[backend],
    tokensPerSecond(1, prefillMs),
    tokensPerSecond(1, decodeMs),
    milliseconds(suggestionMs),
    use,
  ];
}
