import { type Checkpoint, passCheckpoints } from "./checkpoints";
import type { PassEvidence } from "./evidence";

/** Which checkpoint looks at a tensor, by its name in `tap`. Those that look at block 0 stand for the same tensor of every block. */
const numbers: readonly (readonly [names: RegExp, checkpoint: number])[] = [
  [/\.ln_1$/, 1],
  [/\.attn\.(query|key|value)$/, 2],
  [/^cache\./, 3],
  [/\.attn\.(scores|weights)$/, 4],
  [/\.attn\.c_proj$/, 5],
  [/\.mlp\.c_proj$/, 6],
  [/^h\.0$/, 7],
];
const allLogits = 8;

/** The checkpoint that finds a fault in a tensor of a forward pass first. */
export function checkpointOf(name: string): Pick<Checkpoint<PassEvidence>, "number" | "name"> {
  const number = numbers.find(([names]) => names.test(name))?.[1] ?? allLogits;
  return { number, name: passCheckpoints.find((checkpoint) => checkpoint.number === number)?.name ?? name };
}
