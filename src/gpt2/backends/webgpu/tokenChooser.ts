import type { Tensor as OrtTensor } from "onnxruntime-web/webgpu";
import type { LikeliestToken } from "../../languageModel";
import { sameTokens } from "../../sameTokens";
import { chooseShader } from "./chooseShader";
import { ComputePipeline } from "./computePipeline";
import { EmbeddingLookup, type EmbeddingLookupOptions } from "./embeddingLookup";
import type { GpuFormat } from "./gpuFormat";
import { LargestTokens, type Wanted } from "./largestTokens";
import { numberOfKey } from "./orderKeys";
import { storageBuffer, storageWith } from "./storageBuffers";

/** Bytes of a token and the order key of its logit. */
const chosenBytes = 8;

export interface TokenChooserOptions extends EmbeddingLookupOptions {
  readonly format: GpuFormat;
}

/**
 * Chooses the likeliest tokens on the GPU, where the logits are, and looks up the embedding of the last one there, so that the next step
 * can begin before the token is read.
 */
export class TokenChooser implements Disposable {
  readonly #options: TokenChooserOptions;
  readonly #choose: ComputePipeline;
  #largest: LargestTokens | undefined;
  #lookup: Promise<EmbeddingLookup | undefined> | undefined;
  /** Once it is open; undefined where the tables do not fit on the GPU as well. */
  #embed: EmbeddingLookup | undefined;
  #chosen: GPUBuffer;
  #excluded: readonly number[] = [];
  #parameters: GPUBuffer;

  constructor(options: TokenChooserOptions) {
    const { runtime, config, format } = options;
    this.#options = options;
    this.#choose = new ComputePipeline(runtime.device, chooseShader(format));
    this.#parameters = storageWith(runtime.device, Uint32Array.of(config.vocabSize, 0));
    this.#chosen = storageBuffer(runtime.device, chosenBytes);
  }

  /** What a step begins with that follows the last choice, `[1, 1, D]`; undefined before {@link openLookup}, and where there is none. */
  get next(): OrtTensor | undefined {
    return this.#embed?.x;
  }

  /** Bytes of the embedding tables that were brought to the GPU. */
  get lookupBytes(): number {
    return this.#embed?.bytes ?? 0;
  }

  /** Brings the embedding tables to the GPU, if they fit. @throws BackendUnavailableError when the device is lost */
  async openLookup(): Promise<void> {
    this.#embed = await (this.#lookup ??= EmbeddingLookup.open(this.#options));
  }

  /**
   * Chooses from logits that are in a buffer when what was submitted so far is done.
   * @param logits `[rows, V]`
   * @param position of the last row's token, if {@link next} is to be its embedding
   * @returns for each row the tokens, the likeliest first, once the GPU is there
   */
  choose(logits: GPUBuffer, wanted: Wanted, position?: number): Promise<readonly (readonly LikeliestToken[])[]> {
    const { runtime } = this.#options;
    const { rows, count } = wanted;
    const bytes = rows * count * chosenBytes;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = runtime.device.createBuffer({ size: bytes, usage });
    if (position !== undefined) this.#embed?.prepare(rows - 1, position);
    runtime.submit((encoder) => {
      const pass = encoder.beginComputePass();
      const chosen = count === 1 ? this.#chooseOne(pass, logits, wanted) : this.#keepLargest(pass, logits, wanted);
      if (position !== undefined) this.#embed?.dispatch(pass, chosen);
      pass.end();
      encoder.copyBufferToBuffer(chosen, 0, staging, 0, bytes);
    });
    return this.#read(staging, wanted);
  }

  [Symbol.dispose](): void {
    this.#embed?.[Symbol.dispose]();
    this.#largest?.[Symbol.dispose]();
    this.#parameters.destroy();
    this.#chosen.destroy();
  }

  #chooseOne(pass: GPUComputePassEncoder, logits: GPUBuffer, { rows, excluded }: Wanted): GPUBuffer {
    const { runtime, config } = this.#options;
    const { device } = runtime;
    if (!sameTokens(excluded, this.#excluded)) {
      this.#parameters.destroy();
      this.#parameters = storageWith(device, Uint32Array.of(config.vocabSize, excluded.length, ...excluded));
      this.#excluded = [...excluded];
    }
    if (this.#chosen.size < rows * chosenBytes) {
      this.#chosen.destroy();
      this.#chosen = storageBuffer(device, rows * chosenBytes);
    }
    this.#choose.dispatch(pass, [logits, this.#parameters, this.#chosen], rows);
    return this.#chosen;
  }

  #keepLargest(pass: GPUComputePassEncoder, logits: GPUBuffer, wanted: Wanted): GPUBuffer {
    const { runtime, config, format } = this.#options;
    this.#largest ??= new LargestTokens(runtime.device, format, config.vocabSize);
    return this.#largest.dispatch(pass, logits, wanted);
  }

  async #read(staging: GPUBuffer, { rows, count }: Wanted): Promise<readonly (readonly LikeliestToken[])[]> {
    const { runtime, config, format } = this.#options;
    try {
      await runtime.whileAlive(() => staging.mapAsync(GPUMapMode.READ));
      const pairs = new Uint32Array(staging.getMappedRange().slice(0));
      return Array.from({ length: rows }, (_, row) =>
        Array.from({ length: count }, (_, i) => {
          const at = 2 * (row * count + i);
          return { token: pairs[at] ?? 0, logit: numberOfKey(pairs[at + 1] ?? 0, format) };
        }).filter(({ token }) => token < config.vocabSize),
      );
    } finally {
      staging.destroy();
    }
  }
}
