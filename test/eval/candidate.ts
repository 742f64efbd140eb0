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
import { AnswerFile, type Answers, computedAnswers } from "./answers";

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
    /** Where its answers are kept; no times are measured then. */
    readonly answerFile?: AnswerFile,
  ) {}

  /** For one place. */
  answers(): Answers {
    if (!this.answerFile) return computedAnswers(this.context());
    return this.answerFile.of(`${this.name}, ${this.fileBytes} bytes`, () => this.context());
  }

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
  /** Path of the file that its answers are kept in, if they are. */
  readonly answers?: string | undefined;
}

/**
 * Opens a model file, or a folder in Hugging Face's layout.
 * @throws ModelFileError when it cannot be run
 */
export async function openCandidate(
  model: string,
  { name, precision, threads, answers }: CandidateOptions,
): Promise<Candidate> {
  await using weights = await openWeights(await nodeModelFiles(path.resolve(model)));
  const opened = await openTestModel(weights, {
    precision,
    threads,
  });
  const answerFile = answers === undefined ? undefined : await AnswerFile.open(answers);
  const fileBytes = await weightBytes(path.resolve(model));
  return new Candidate(name, opened, tokenizerFor(opened.config, weights.vocabulary), fileBytes, answerFile);
}

/** The size of a model's file, or of the files in a folder that hold weights. */
async function weightBytes(model: string): Promise<number> {
  const status = await stat(model);
  if (!status.isDirectory()) return status.size;
  const files = (await readdir(model)).filter((file) => /\.(safetensors|gguf)$/.test(file));
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(model, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
