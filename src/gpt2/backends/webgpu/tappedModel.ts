import type { Tensor as OrtTensor } from "onnxruntime-web/webgpu";
import { halfTable } from "../../../formats/numbers/floats";
import { attentionScale, headWidth } from "../../config/config";
import { softmax } from "../../definitions";
import type { KvCache } from "../../kvCache/kvCache";
import type { CacheSlot } from "../../languageModel";
import { type CheckpointTensors, pickTensors, tap, type TappedModel, type Tensor } from "../../taps";
import { qkvWidth } from "../../weights/tensorShapes";
import type { GpuFormat } from "./gpuFormat";
import type { GpuKvBuffer } from "./gpuKvBuffer";
import type { GpuRuntime } from "./gpuRuntime";
import { qkvOutput } from "./graph";
import { GpuModel } from "./model";

/**
 * A {@link GpuModel} whose graph has the tensors inside it as further outputs. Its attention does not give its scores away, so those are
 * computed here, from the queries of the pass and the keys in the cache.
 */
export class TappedGpuModel extends GpuModel implements TappedModel {
  async forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors> {
    const cache = this.pool.cacheOf(slot);
    const wanted = new Set(taps);
    const layers = Array.from({ length: this.config.layers }, (_, layer) => layer);
    const split = layers.filter((layer) => needsQkv(layer).some((name) => wanted.has(name)));
    const fromGraph = taps.filter((name) => isOutput(name));
    const outputs = await this.step(cache, tokens, tokens.length, [...fromGraph, ...split.map(qkvOutput)]);
    this.logits.collect(tokens.length);
    const tensors = new Map<string, Tensor>();
    tensors.set(tap.logits, { shape: [tokens.length, this.config.vocabSize], data: await this.logits.read() });
    for (const name of fromGraph) tensors.set(name, rowsOf(outputs.get(name)));
    for (const layer of split) this.#splitQkv(layer, rowsOf(outputs.get(qkvOutput(layer))), tensors);
    for (const layer of layers) await this.#addCache(layer, cache, wanted, tensors);
    for (const layer of layers) this.#addScores(layer, cache.length, wanted, tensors);
    return pickTensors(tensors, taps);
  }

  #splitQkv(layer: number, { data }: Tensor, tensors: Map<string, Tensor>): void {
    const { config } = this;
    const { width, heads, kvHeads } = config;
    const kvWidth = kvHeads * headWidth(config);
    const rows = data.length / qkvWidth(config);
    const cut = (name: string, start: number, length: number, count: number) => {
      const part = new Float32Array(rows * length);
      for (let row = 0; row < rows; row++) {
        const from = row * qkvWidth(config) + start;
        part.set(data.subarray(from, from + length), row * length);
      }
      tensors.set(name, { shape: [rows, count, headWidth(config)], data: part });
    };
    cut(tap.query(layer), 0, width, heads);
    cut(tap.key(layer), width, kvWidth, kvHeads);
    cut(tap.value(layer), width + kvWidth, kvWidth, kvHeads);
  }

  async #addCache(
    layer: number,
    cache: KvCache<GpuKvBuffer>,
    wanted: ReadonlySet<string>,
    tensors: Map<string, Tensor>,
  ): Promise<void> {
    const scores = wanted.has(tap.scores(layer)) || wanted.has(tap.attentionWeights(layer));
    if (scores || wanted.has(tap.cachedKeys(layer))) {
      tensors.set(tap.cachedKeys(layer), await this.#readCache(cache, layer, "key"));
    }
    if (wanted.has(tap.cachedValues(layer))) {
      tensors.set(tap.cachedValues(layer), await this.#readCache(cache, layer, "value"));
    }
  }

  /** A layer's cached keys or values, `[T, kvHeads, hd]`. */
  async #readCache(cache: KvCache<GpuKvBuffer>, layer: number, kind: "key" | "value"): Promise<Tensor> {
    const { kvHeads } = this.config;
    const size = headWidth(this.config);
    const numbers = await readNumbers(this.runtime, cache.buffer.block(layer, kind), this.session.format);
    const data = new Float32Array(cache.length * kvHeads * size);
    for (let position = 0; position < cache.length; position++) {
      for (let head = 0; head < kvHeads; head++) {
        const from = (head * cache.capacity + position) * size;
        data.set(numbers.subarray(from, from + size), (position * kvHeads + head) * size);
      }
    }
    return { shape: [cache.length, kvHeads, size], data };
  }

  #addScores(layer: number, total: number, wanted: ReadonlySet<string>, tensors: Map<string, Tensor>): void {
    const names = [tap.scores(layer), tap.attentionWeights(layer)] as const;
    if (!names.some((name) => wanted.has(name))) return;
    const { config } = this;
    const { heads, kvHeads } = config;
    const size = headWidth(config);
    const [queries, keys] = [tensors.get(tap.query(layer)), tensors.get(tap.cachedKeys(layer))];
    if (!queries || !keys) return;
    const rows = queries.data.length / (heads * size);
    const scale = attentionScale(config, layer);
    const scores = new Float32Array(heads * rows * total);
    const weights = new Float32Array(scores.length);
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor((head * kvHeads) / heads);
      for (let row = 0; row < rows; row++) {
        const start = (head * rows + row) * total;
        for (let position = 0; position < total; position++) {
          let sum = 0;
          for (let i = 0; i < size; i++) {
            const query = queries.data[(row * heads + head) * size + i] as number;
            sum += query * (keys.data[(position * kvHeads + kvHead) * size + i] as number);
          }
          scores[start + position] = sum * scale;
        }
        const seen = total - rows + row + 1;
        weights.set(softmax(scores.subarray(start, start + seen)), start);
      }
    }
    tensors.set(names[0], { shape: [heads, rows, total], data: scores });
    tensors.set(names[1], { shape: [heads, rows, total], data: weights });
  }
}

/** What is cut or computed from the packed product of queries, keys and values. */
function needsQkv(layer: number): readonly string[] {
  return [tap.query(layer), tap.key(layer), tap.value(layer), tap.scores(layer), tap.attentionWeights(layer)];
}

/** Whether a tap is an output of the graph as it is. */
function isOutput(name: string): boolean {
  return (
    name !== tap.logits && name !== tap.embeddings && !/^cache\.|\.attn\.(query|key|value|scores|weights)$/.test(name)
  );
}

/** A copy of all numbers of a buffer. */
async function readNumbers(runtime: GpuRuntime, buffer: GPUBuffer, { float }: GpuFormat): Promise<Float32Array> {
  const [staging] = await runtime.allocate([buffer.size], GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  if (!staging) return new Float32Array(0);
  runtime.submit((encoder) => encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size));
  await runtime.whileAlive(() => staging.mapAsync(GPUMapMode.READ));
  const copy = staging.getMappedRange().slice(0);
  staging.destroy();
  return float === "float32" ? new Float32Array(copy) : halvesToFloats(new Uint16Array(copy));
}

function halvesToFloats(halves: Uint16Array): Float32Array {
  const table = halfTable();
  return Float32Array.from(halves, (half) => table[half] as number);
}

/** An output that was copied out, without the batch dimension. */
function rowsOf(tensor: OrtTensor | undefined): Tensor {
  if (!tensor) throw new RangeError("The graph has no such output.");
  const shape = tensor.dims.length === 3 ? tensor.dims.slice(1) : tensor.dims;
  if (tensor.type === "float32") return { shape, data: (tensor.data as Float32Array).slice() };
  const { buffer, byteOffset, length } = tensor.data as Uint16Array;
  return { shape, data: halvesToFloats(new Uint16Array(buffer, byteOffset, length)) };
}
