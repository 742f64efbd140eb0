import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ggufModel } from "../../models/ggufModel";
import { vocabularyMetadata } from "../../models/vocabularyMetadata";
import { nodeModelFiles } from "../../src/formats/nodeFiles";
import type { Precision } from "../../src/gpt2/languageModel";
import { openWeights } from "../../src/gpt2/weights/openWeights";
import { type Candidate, openCandidate } from "./candidate";

/**
 * One model in the ways that it can be stored and run: as it is, in f32 and in int8, and in int8 from files with 8 and 4 bits. As int8, which
 * the extension runs, every matrix is quantized again with a scale for each output, whatever the file has.
 */
export async function openQuantized(model: string, threads: number): Promise<Candidate[]> {
  await using weights = await openWeights(await nodeModelFiles(model));
  const folder = await mkdtemp(path.join(tmpdir(), "gpt2-eval-"));
  const candidates: Candidate[] = [];
  try {
    const open = async (file: string, storage: string, precision: Precision) => {
      candidates.push(await openCandidate(file, { name: `${storage}, run as ${precision}`, precision, threads }));
    };
    await open(model, weights.storage, "f32");
    await open(model, weights.storage, "int8");
    const { metadata: vocabulary } = vocabularyMetadata(weights);
    for (const type of ["Q8_0", "Q4_0"] as const) {
      const file = path.join(folder, `${type}.gguf`);
      const parts = ggufModel(weights, { name: type, type, vocabulary });
      await pipeline(Readable.from(parts), createWriteStream(file));
      await open(file, `gguf ${type}`, "int8");
    }
    return candidates;
  } catch (error) {
    for (const candidate of candidates) await candidate[Symbol.asyncDispose]();
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}
