import { ggufModel } from "../../models/ggufModel";
import { joinBytes } from "../../src/hub/joinBytes";
import { syntheticWeights } from "../fixtures/syntheticModel";

/** A model file of 4 MB, where it does not matter what it writes: without a file system, each look into a file reads all of it. */
export async function tinyGguf(): Promise<Uint8Array> {
  await using weights = syntheticWeights("gpt2-tiny");
  const options = { name: "tiny", type: "Q8_0", vocabulary: new Map() } as const;
  const parts = await Array.fromAsync(ggufModel(weights, options));
  return joinBytes(
    parts,
    parts.reduce((length, part) => length + part.length, 0),
  );
}
