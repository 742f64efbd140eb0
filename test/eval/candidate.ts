import path from "node:path";
import { stat, readdir } from "node:fs/promises";
import { nodeModelFiles } from "../../src/formats/nodeFiles";
import { DrafterFactory } from "../../src/generation/speculative/drafterFactory";
import { PrefillChunkSizer } from "../../src/generation/decoding/prefillChunkSizer";
import { type GenerationContext, generationContext } from "../../src/generation/context";
import { StepCosts } from "../../src/generation/speculative/costs";
import type { LanguageModel, Precision } from "../../src/gpt2/languageModel";
import { openWeights } from "../../src/gpt2/weights/openWeights";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
import { openTestModel } from "../fixtures/runtime";
import { tokenizerFor } from "../../src/tokenizer/tokenizerFor";

/** A model that is evaluated. */
export class Candidate implements AsyncDisposable {
  readonly #costs = new StepCosts();
  readonly #chunkSizer = new PrefillChunkSizer();

  constructor(
    readonly name: string,
    readonly model: LanguageModel,
    readonly tokenizer: Tokenizer,
    /** Bytes of the file that its weights are in; undefined for a model without one. */
    readonly fileBytes: number | undefined,
  ) {}

  /** For one place: nothing but measurements of the machine is kept from others, so the order of places changes no text. */
  context(): GenerationContext {
    return {
      ...generationContext(this.model, this.tokenizer),
      drafters: new DrafterFactory(this.#costs),
      chunkSizer: this.#chunkSizer,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
  }
}

export interface CandidateOptions {
  /** What the report calls it. */
  readonly name: string;
  readonly precision: Precision;
  /** 0: chosen from the machine. */
  readonly threads: number;
}

/**
 * Opens a model file, or a folder in Hugging Face's layout.
 * @throws ModelFileError when it cannot be run
 */
export async function openCandidate(model: string, { name, precision, threads }: CandidateOptions): Promise<Candidate> {
  await using weights = await openWeights(await nodeModelFiles(path.resolve(model)));
  const opened = await openTestModel(weights, {
    precision,
    threads,
  });
  return new Candidate(name, opened, tokenizerFor(opened.config), await weightBytes(path.resolve(model)));
}

/** The size of a model's file, or of the files in a folder that hold weights. */
async function weightBytes(model: string): Promise<number> {
  const status = await stat(model);
  if (!status.isDirectory()) return status.size;
  const files = (await readdir(model)).filter((file) => /\.(safetensors|gguf)$/.test(file));
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(model, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
