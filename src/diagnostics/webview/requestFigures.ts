import type { RequestRow } from "../views";
import { l10n } from "./l10n";

/** The parts of a request in the order in which they happen. */
export const phases = [
  { id: "queue", title: l10n.t("Waiting") },
  { id: "tokenize", title: l10n.t("Tokenize") },
  { id: "prefill", title: l10n.t("Prefill") },
  { id: "decode", title: l10n.t("Decode") },
  { id: "other", title: l10n.t("Other") },
] as const;
export type Phase = (typeof phases)[number]["id"];

/** Milliseconds of each part. `other` is what none of the parts has: stopping, cutting, handing over to more urgent requests. */
export function phaseTimes(request: RequestRow): Readonly<Record<Phase, number>> {
  const { queueMs, tokenizeMs, prefillMs, decodeMs, totalMs } = request;
  const other = Math.max(0, totalMs - queueMs - tokenizeMs - prefillMs - decodeMs);
  return { queue: queueMs, tokenize: tokenizeMs, prefill: prefillMs, decode: decodeMs, other };
}

/** How many requests took from `from` to below `to` milliseconds. */
export interface LatencyBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const latencyEdges = [0, 25, 50, 100, 200, 400, 800, Infinity];

export function latencyBins(milliseconds: readonly number[]): LatencyBin[] {
  return latencyEdges.slice(0, -1).map((from, i) => {
    const to = latencyEdges[i + 1] ?? Infinity;
    return { from, to, count: milliseconds.filter((ms) => ms >= from && ms < to).length };
  });
}

/** The value below which the share `q` of the values lies; 0 of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
