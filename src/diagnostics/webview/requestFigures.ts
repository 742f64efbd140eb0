import type { RequestRow } from "../engineViews";
import { l10n } from "./l10n";

/** The parts of a request in the order in which they happen. */
const phases = [
  { id: "queue", title: l10n.t("Waiting") },
  { id: "network", title: l10n.t("Network") },
  { id: "tokenize", title: l10n.t("Tokenize") },
  { id: "prefill", title: l10n.t("Prefill") },
  { id: "decode", title: l10n.t("Decode") },
  { id: "other", title: l10n.t("Other") },
] as const;
export type Phase = (typeof phases)[number]["id"];

/** The parts that any of the requests has: the network's only where a server reported its own times. */
export function phasesOf(requests: readonly RequestRow[]): readonly (typeof phases)[number][] {
  const hasNetwork = requests.some(({ networkMs }) => networkMs !== undefined);
  return phases.filter(({ id }) => id !== "network" || hasNetwork);
}

/** Milliseconds of each part. `other` is what none of the parts has: stopping, cutting, handing over to more urgent requests. */
export function phaseTimes(request: RequestRow): Readonly<Record<Phase, number>> {
  const { queueMs, networkMs = 0, tokenizeMs, prefillMs, decodeMs, totalMs } = request;
  const other = Math.max(0, totalMs - queueMs - networkMs - tokenizeMs - prefillMs - decodeMs);
  return { queue: queueMs, network: networkMs, tokenize: tokenizeMs, prefill: prefillMs, decode: decodeMs, other };
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
