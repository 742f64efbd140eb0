import { createWriteStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ggufModel } from "../../models/ggufModel";
import { ggufVocabulary } from "../../models/ggufVocabulary";
import { nodeModelFiles } from "../../src/formats/nodeFiles";
import { openWeights } from "../../src/gpt2/weights/openWeights";
import type { Gpt2Config } from "../../src/gpt2/config/config";
import type { Gpt2Weights } from "../../src/gpt2/weights/weights";
import { tokenizerFor } from "../../src/tokenizer/tokenizerFor";
import { gpt2Small, randomWeights } from "../fixtures/syntheticModel";
import { installOnce } from "../harness/cacheFolder";

export interface BenchModel {
  readonly name: string;
  /** Path of the GGUF file, which is made first if need be. */
  file(): Promise<string>;
}

/** The model that the extension brings. */
export const bundledModel: BenchModel = {
  name: "gpt2-code-mini",
  file: () => Promise.resolve(path.resolve("models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf")),
};

const seed = 1;

/** Published GPT-2's shapes with random weights, which cost as much: made once, in the cache folder. */
export const gpt2SmallModel = randomModel("124M", gpt2Small);

/** Those of GPT-2 medium. */
export const gpt2MediumModel = randomModel("355M", {
  ...gpt2Small,
  ...{ width: 1024, innerWidth: 4096, layers: 24, heads: 16, kvHeads: 16 },
});

/** Those of GPT-2 large. */
export const gpt2LargeModel = randomModel("774M", {
  ...gpt2Small,
  ...{ width: 1280, innerWidth: 5120, layers: 36, heads: 20, kvHeads: 20 },
});

function randomModel(size: string, config: Gpt2Config): BenchModel {
  const name = `GPT-2 ${size}`;
  return {
    name,
    file: async () => {
      const folder = await installOnce(`bench-gpt2-${size.toLowerCase()}-q8_0-${seed}`, async (temporary) => {
        console.log(`Making ${name} with random weights …`);
        const vocabulary = ggufVocabulary(tokenizerFor(config));
        const parts = ggufModel(randomWeights(config, seed), { name: `random ${name}`, type: "Q8_0", vocabulary });
        await pipeline(Readable.from(parts), createWriteStream(path.join(temporary, "model.gguf")));
      });
      return path.join(folder, "model.gguf");
    },
  };
}

export async function openBenchWeights(model: BenchModel): Promise<Gpt2Weights> {
  return openWeights(await nodeModelFiles(await model.file()));
}
