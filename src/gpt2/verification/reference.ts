import { type CheckpointTensors, tap } from "../taps";
import { type Gpt2Config, headWidth } from "../config/config";
import { argmax, definitions, type Definitions, dot, head, linear, softmax } from "../definitions";
import { ContextOverflowError } from "../languageModel";
import type { Gpt2Weights } from "../weights/weights";
import { columns, concat } from "./matrix";
import { RequestedTensors } from "./requestedTensors";

/** Keys and values of one layer for the T tokens so far, `[T, kvHeads·hd]` each. */
export interface LayerPast {
  readonly keys: Float64Array;
  readonly values: Float64Array;
}

/** Keys and values of every layer. A pass leaves the past that it was given as it is, so any past can be continued again. */
export type Past = readonly LayerPast[];

export interface PassOptions {
  /** Tensors to keep, by their names in `tap`. */
  readonly taps?: readonly string[];
  /** Last tokens whose logits are computed; all of them if left out. */
  readonly logitRows?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after each block and after the head: `layers + 1` times a pass. */
  readonly onBlock?: (() => void) | undefined;
  /** Lets more urgent work of this thread go first; called after some tens of milliseconds at a time. A turn of the event loop if left out. */
  readonly pause?: (() => Promise<void>) | undefined;
}

export interface Pass {
  /** The requested tensors. */
  readonly tensors: CheckpointTensors;
  /** `[logitRows, V]`. */
  readonly logits: Float64Array;
  /** The past of the next pass. */
  readonly past: Past;
}

/**
 * GPT-2 and GPT-BigCode in double precision, straight from the definitions and written to be read: the reference for the engine. It shares no code
 * with the engine. Weights are read tensor by tensor as they are needed; those read first are kept for the next pass, as many as fit into
 * a quarter of a gigabyte.
 */
export class Reference {
  readonly #kept = new Map<string, Float32Array>();
  #keepable = 2 ** 28;
  readonly #weights: Gpt2Weights;
  readonly #formulas: Definitions;

  constructor(weights: Gpt2Weights, formulas: Definitions = definitions) {
    this.#weights = weights;
    this.#formulas = formulas;
  }

  get config(): Gpt2Config {
    return this.#weights.config;
  }

  /** The past before the first token. */
  start(): Past {
    return Array.from({ length: this.config.layers }, () => ({
      keys: new Float64Array(),
      values: new Float64Array(),
    }));
  }

  /**
   * One forward pass: runs S `tokens` after a past of P tokens.
   * @throws ContextOverflowError when P + S positions are more than the model knows
   * @throws the signal's reason when it was aborted
   */
  async forward(past: Past, tokens: readonly number[], options: PassOptions = {}): Promise<Pass> {
    const { config } = this;
    const kept = new RequestedTensors(options.taps);
    const pastLength = lengthOf(past, config);
    if (pastLength + tokens.length > config.contextLength) {
      throw new ContextOverflowError(pastLength + tokens.length, config.contextLength);
    }

    let x = await this.#embed(tokens, pastLength);
    kept.add(tap.embeddings, [tokens.length, config.width], x);
    const next: LayerPast[] = [];
    for (const [layer, layerPast] of past.entries()) {
      const block = await this.#block(layer, x, layerPast, kept);
      x = block.output;
      next.push(block.past);
      options.onBlock?.();
      await breathe(options);
    }

    const normalized = await this.#normalize("ln_f", x);
    kept.add(tap.finalNorm, [tokens.length, config.width], normalized);
    const logitRows = Math.min(options.logitRows ?? tokens.length, tokens.length);
    const logits = await this.#project(normalized.subarray((tokens.length - logitRows) * config.width), options);
    kept.add(tap.logits, [logitRows, config.vocabSize], logits);
    options.onBlock?.();
    return { tensors: kept.tensors, logits, past: next };
  }

  /**
   * Continues `tokens` greedily by `count` tokens, each in a pass of its own after the cached past.
   * @returns the new tokens, and for each of them its logit minus that of the runner-up
   */
  async continue(
    tokens: readonly number[],
    count: number,
    options: Pick<PassOptions, "signal" | "onBlock" | "pause"> = {},
  ): Promise<{ tokens: number[]; margins: number[] }> {
    const continuation: number[] = [];
    const margins: number[] = [];
    let past = this.start();
    let input = tokens;
    while (continuation.length < count) {
      const pass = await this.forward(past, input, { ...options, logitRows: 1 });
      const token = argmax(pass.logits);
      continuation.push(token);
      margins.push(margin(pass.logits, token));
      past = pass.past;
      input = [token];
    }
    return { tokens: continuation, margins };
  }

  /** Token embedding plus position embedding, `[S, D]`. */
  async #embed(tokens: readonly number[], pastLength: number): Promise<Float64Array> {
    const { width, vocabSize } = this.config;
    const table = await this.#read("wte.weight");
    const positions = await this.#read("wpe.weight");
    const x = new Float64Array(tokens.length * width);
    for (const [row, token] of tokens.entries()) {
      if (token < 0 || token >= vocabSize) throw new RangeError(`The model has no token ${token}.`);
      for (let i = 0; i < width; i++) {
        x[row * width + i] =
          (table[token * width + i] as number) + (positions[(pastLength + row) * width + i] as number);
      }
    }
    return x;
  }

  /** One transformer block: x + attention(ln_1(x)), and that + mlp(ln_2(that)). */
  async #block(
    layer: number,
    x: Float64Array,
    past: LayerPast,
    kept: RequestedTensors,
  ): Promise<{ output: Float64Array; past: LayerPast }> {
    const { config } = this;
    const formulas = this.#formulas;
    const shape = [x.length / config.width, config.width];

    const ln1 = await this.#normalize(`h.${layer}.ln_1`, x);
    kept.add(tap.ln1(layer), shape, ln1);
    const { context, past: next } = this.#attend(layer, await this.#apply(`h.${layer}.attn.c_attn`, ln1), past, kept);
    const attention = await this.#apply(`h.${layer}.attn.c_proj`, context);
    kept.add(tap.attention(layer), shape, attention);
    const middle = formulas.residual(x, attention);

    const ln2 = await this.#normalize(`h.${layer}.ln_2`, middle);
    kept.add(tap.ln2(layer), shape, ln2);
    const inner = await this.#apply(`h.${layer}.mlp.c_fc`, ln2);
    const activated = inner.map(formulas.activations[config.activation]);
    const feedForward = await this.#apply(`h.${layer}.mlp.c_proj`, activated);
    kept.add(tap.feedForward(layer), shape, feedForward);
    const output = formulas.residual(middle, feedForward);
    kept.add(tap.block(layer), shape, output);
    return { output, past: next };
  }

  /**
   * Attention of the S new tokens to all T = P + S. With fewer key/value heads than heads, neighboring heads share one.
   * @param projected queries, keys and values side by side, `[S, D + 2·kvHeads·hd]`
   * @returns the heads' mixtures of values side by side, `[S, D]`
   */
  #attend(
    layer: number,
    projected: Float64Array,
    past: LayerPast,
    kept: RequestedTensors,
  ): { context: Float64Array; past: LayerPast } {
    const { heads, kvHeads, width } = this.config;
    const hd = headWidth(this.config);
    const kvWidth = kvHeads * hd;
    const query = columns(projected, width + 2 * kvWidth, 0, width);
    const key = columns(projected, width + 2 * kvWidth, width, kvWidth);
    const value = columns(projected, width + 2 * kvWidth, width + kvWidth, kvWidth);
    const keys = concat(past.keys, key);
    const values = concat(past.values, value);
    const rows = query.length / width;
    const total = keys.length / kvWidth;
    kept.add(tap.query(layer), [rows, heads, hd], query);
    kept.add(tap.key(layer), [rows, kvHeads, hd], key);
    kept.add(tap.value(layer), [rows, kvHeads, hd], value);
    kept.add(tap.cachedKeys(layer), [total, kvHeads, hd], keys);
    kept.add(tap.cachedValues(layer), [total, kvHeads, hd], values);

    const scale = this.#formulas.attentionScale(this.config, layer);
    const scores = new Float64Array(heads * rows * total);
    const attentionWeights = new Float64Array(heads * rows * total);
    const context = new Float64Array(rows * width);
    for (let h = 0; h < heads; h++) {
      const kvColumn = Math.floor((h * kvHeads) / heads) * hd;
      for (let row = 0; row < rows; row++) {
        const from = (h * rows + row) * total;
        const scoresOfRow = scores.subarray(from, from + total);
        for (let t = 0; t < total; t++) {
          scoresOfRow[t] = scale * dot(query, row * width + h * hd, keys, t * kvWidth + kvColumn, hd);
        }
        const position = total - rows + row;
        const weightsOfRow = softmax(
          scoresOfRow.map((score, t) => (this.#formulas.attends(position, t) ? score : -Infinity)),
        );
        attentionWeights.set(weightsOfRow, from);
        for (const [t, weight] of weightsOfRow.entries()) {
          for (let i = 0; i < hd; i++) {
            const at = row * width + h * hd + i;
            context[at] = (context[at] as number) + weight * (values[t * kvWidth + kvColumn + i] as number);
          }
        }
      }
    }
    kept.add(tap.scores(layer), [heads, rows, total], scores);
    kept.add(tap.attentionWeights(layer), [heads, rows, total], attentionWeights);
    return { context, past: { keys, values } };
  }

  /** The head for `x [R, D]`, some tokens of the vocabulary at a time: `[R, V]`. */
  async #project(x: Float64Array, options: PassOptions): Promise<Float64Array> {
    const { tiedHead, width, vocabSize } = this.config;
    const table = await this.#read(tiedHead ? "wte.weight" : "lm_head.weight");
    const logits = new Float64Array((x.length / width) * vocabSize);
    const atOnce = Math.ceil(headStep / Math.max(1, x.length));
    for (let token = 0; token < vocabSize; token += atOnce) {
      const part = head(x, table.subarray(token * width, (token + atOnce) * width), width);
      const tokens = Math.min(atOnce, vocabSize - token);
      for (let row = 0; row < x.length / width; row++) {
        logits.set(part.subarray(row * tokens, (row + 1) * tokens), row * vocabSize + token);
      }
      await breathe(options);
    }
    return logits;
  }

  async #normalize(name: string, x: Float64Array): Promise<Float64Array> {
    const gain = await this.#read(`${name}.weight`);
    const bias = await this.#read(`${name}.bias`);
    return this.#formulas.layerNorm(x, gain, bias, this.config.layerNormEpsilon);
  }

  /** A linear layer. */
  async #apply(name: string, x: Float64Array): Promise<Float64Array> {
    return linear(x, await this.#read(`${name}.weight`), await this.#read(`${name}.bias`));
  }

  async #read(name: string): Promise<Float32Array> {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const tensor = await this.#weights.read(name);
    if (tensor.byteLength <= this.#keepable) {
      this.#keepable -= tensor.byteLength;
      this.#kept.set(name, tensor);
    }
    return tensor;
  }
}

/** Multiplications of the head between two pauses: a few tens of milliseconds. */
const headStep = 2 ** 24;

/** Tokens in a past. */
function lengthOf(past: Past, config: Gpt2Config): number {
  return (past[0]?.keys.length ?? 0) / (config.kvHeads * headWidth(config));
}

function margin(logits: Float64Array, best: number): number {
  let second = -Infinity;
  for (const [token, logit] of logits.entries()) if (token !== best && logit > second) second = logit;
  return (logits[best] as number) - second;
}

/** Lets other work of this thread run (a cancel message, say), then throws if the work was cancelled. */
async function breathe({ pause = nextTask, signal }: Pick<PassOptions, "pause" | "signal">): Promise<void> {
  await pause();
  signal?.throwIfAborted();
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
