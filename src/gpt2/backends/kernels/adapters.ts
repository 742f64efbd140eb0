import { addEmbeddingUpdates, type EmbeddingUpdates, embeddingUpdates } from "../../adapters/adaptedEmbeddings";
import type { LoraAdapter } from "../../adapters/adapter";
import type { Gpt2Config } from "../../config/config";
import { hasHead } from "../../config/part";
import { ComputeError } from "../../errors";
import type { Heap } from "./heap";
import type { Plan } from "./model";
import { layerFields, matrixFields } from "./plan";

/** What the kernels add to a matrix: addresses of f32 `[rank, inputs]` and `[outputs / 4, rank, 4]`. */
interface Update {
  readonly rank: number;
  readonly down: number;
  readonly up: number;
}

interface PlacedAdapter {
  /** By the addresses of the matrices' records. */
  readonly updates: ReadonlyMap<number, Update>;
  /** The embedding tables are outside the heap. */
  readonly embeddings: EmbeddingUpdates;
}

const none: Update = { rank: 0, down: 0, up: 0 };
/** Ranks are padded to a multiple of this, and outputs to a multiple of `panelOutputs`, see `assembly/lowRank.ts`. */
const rankStep = 4;
const panelOutputs = 8;

/** The fields of a layer that are matrices, by the names of their modules. */
const matrixFieldOf = {
  "attn.c_attn": "qkv",
  "attn.c_proj": "attentionOutput",
  "mlp.c_fc": "expand",
  "mlp.c_proj": "contract",
} as const;

/**
 * The LoRA adapters of a model on the kernels. They are in the heap beside the weights, and one of them is added to the products of a step, or
 * none: the weights stay as they are, so a step without one computes what it did before.
 */
export class KernelAdapters {
  readonly #heap: Heap;
  readonly #plan: Plan;
  readonly #rows: number;
  readonly #matrices: ReadonlyMap<string, number>;
  readonly #placed = new Map<string, PlacedAdapter>();
  #selected: string | undefined;
  #projected = { address: 0, rank: 0 };

  /** @param rows that a step has at most */
  constructor(heap: Heap, config: Gpt2Config, plan: Plan, rows: number) {
    this.#heap = heap;
    this.#plan = plan;
    this.#rows = rows;
    this.#matrices = matrixAddresses(heap, config, plan);
  }

  /** Puts an adapter into the heap. @throws ComputeError when memory runs out */
  add(name: string, adapter: LoraAdapter): void {
    const placed = new Map<number, Update>();
    const addresses: number[] = [];
    const allocate = (bytes: number) => {
      const address = this.#heap.allocate(bytes);
      addresses.push(address);
      return address;
    };
    try {
      for (const [tensor, update] of adapter.updates) {
        const matrix = this.#matrices.get(tensor);
        if (matrix === undefined) continue;
        // The head is stored [outputs, inputs].
        const { left, right } = update;
        const [down, up] = tensor === "lm_head.weight" ? [right, left] : [left, right];
        placed.set(matrix, this.#place(update.rank, down, up, allocate));
      }
    } catch (error) {
      for (const address of addresses) this.#heap.free(address);
      throw error;
    }
    this.#placed.set(name, { updates: placed, embeddings: embeddingUpdates(adapter) });
  }

  /** Frees an adapter. Steps with it fail from then on. */
  remove(name: string): void {
    if (this.#selected === name) this.select(undefined);
    for (const { down, up } of this.#placed.get(name)?.updates.values() ?? []) {
      this.#heap.free(down);
      this.#heap.free(up);
    }
    this.#placed.delete(name);
  }

  /** Makes the next steps add an adapter, or none. @throws ComputeError when there is no adapter of this name */
  select(name: string | undefined): void {
    if (name === this.#selected) return;
    const adapter = name === undefined ? undefined : this.#placed.get(name);
    if (name !== undefined && adapter === undefined) throw new ComputeError(`The model has no adapter ${name}.`);
    for (const matrix of this.#matrices.values()) this.#write(matrix, adapter?.updates.get(matrix) ?? none);
    this.#selected = name;
  }

  /** Adds what the selected adapter adds to the embeddings of some tokens, `[S, D]`, see `addEmbeddingUpdates`. */
  addEmbeddings(tokens: readonly number[], positionOf: (index: number) => number, out: Float32Array): void {
    const adapter = this.#selected === undefined ? undefined : this.#placed.get(this.#selected);
    if (adapter) addEmbeddingUpdates(adapter.embeddings, tokens, positionOf, out);
  }

  #place(rank: number, down: Float32Array, up: Float32Array, allocate: (bytes: number) => number): Update {
    const heap = this.#heap;
    const padded = Math.ceil(rank / rankStep) * rankStep;
    const inputs = down.length / rank;
    const outputs = up.length / rank;
    const paddedOutputs = Math.ceil(outputs / panelOutputs) * panelOutputs;
    this.#reserveProjected(padded);
    const downAddress = allocate(4 * padded * inputs);
    heap
      .floats(downAddress, padded * inputs)
      .fill(0)
      .set(down);
    const upAddress = allocate(4 * padded * paddedOutputs);
    const groups = heap.floats(upAddress, padded * paddedOutputs).fill(0);
    for (let output = 0; output < outputs; output++) {
      const start = (output >> 2) * 4 * padded + (output & 3);
      for (let r = 0; r < rank; r++) groups[start + 4 * r] = up[r * outputs + output] as number;
    }
    return { rank: padded, down: downAddress, up: upAddress };
  }

  /** Memory for the products of a step's rows with `down`. */
  #reserveProjected(rank: number): void {
    if (rank <= this.#projected.rank) return;
    const before = this.#projected.address;
    // Allocated first: where memory runs out, the adapters that are there keep what they have.
    this.#projected = { address: this.#heap.allocate(4 * rank * this.#rows), rank };
    this.#plan.set({ projected: this.#projected.address });
    this.#heap.free(before);
  }

  #write(matrix: number, update: Update): void {
    const words = this.#heap.words(matrix, matrixFields.length);
    for (const field of ["rank", "down", "up"] as const) words[matrixFields.indexOf(field)] = update[field];
  }
}

/** The addresses of the records of a model's matrices, or of a part's, by the names of their tensors. */
function matrixAddresses(heap: Heap, config: Gpt2Config, plan: Plan): ReadonlyMap<string, number> {
  const matrices = new Map<string, number>();
  if (hasHead(config)) matrices.set("lm_head.weight", plan.get("head"));
  for (const [layer, address] of heap.words(plan.get("layers"), config.layers).entries()) {
    const fields = heap.words(address, layerFields.length);
    for (const [module, field] of Object.entries(matrixFieldOf)) {
      matrices.set(`h.${layer}.${module}.weight`, fields[layerFields.indexOf(field)] ?? 0);
    }
  }
  return matrices;
}
