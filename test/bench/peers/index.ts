import path from "node:path";
import { type BenchEngine, label } from "../engine";
import type { Filter } from "../filter";
import type { BenchModel } from "../models";
import { openLlamaCpp } from "./llamaCpp";
import type { OrtWebTask } from "./ortWebWorker";
import { openRemote } from "./remoteEngine";
import { openTransformersJs } from "./transformersJs";
import { openWllama } from "./wllama";

interface Peer {
  readonly name: string;
  readonly open: (model: BenchModel, threads: number) => Promise<BenchEngine>;
}

const peers: readonly Peer[] = [
  {
    name: "ort-web concat int8",
    open: async (model, threads) =>
      openRemote(path.join(__dirname, "peers", "ortWebWorker.js"), {
        file: await model.file(),
        threads,
      } satisfies OrtWebTask),
  },
  { name: "transformers.js f32", open: openTransformersJs },
  { name: "node-llama-cpp q8_0", open: openLlamaCpp },
  { name: "wllama q8_0", open: openWllama },
];

const peerVariants = peers.flatMap((peer) => [1, 2].map((threads) => ({ ...peer, threads })));

export const peerLabels: readonly string[] = peerVariants.map(label);

/** Opens those other engines that can be had on this machine, with one thread and with two; says which cannot and why. */
export async function openPeers(
  model: BenchModel,
  filter: Filter,
  ours: readonly string[],
  progress: (text: string) => void,
): Promise<BenchEngine[]> {
  const engines: BenchEngine[] = [];
  for (const { open, ...peer } of filter.choose(peerVariants, label, ours)) {
    progress(`opening ${label(peer)}`);
    try {
      engines.push(await open(model, peer.threads));
    } catch (error) {
      console.log(`\n${label(peer)} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return engines;
}
