import type { Gpt2Config } from "../../config/config";
import { BackendUnavailableError } from "../../errors";
import { Reference } from "../../verification/reference";
import { adapterName } from "./device";
import type { GpuFormat } from "./gpuFormat";
import type { GpuRuntime } from "./gpuRuntime";
import { GpuSession } from "./gpuSession";
import { GpuModel } from "./model";
import { selfTestWeights } from "./selfTestWeights";

/** Tokens of the prompt, of a step after it and of one after rolling back: each takes other shaders. */
const promptLength = 20;
const chunkLength = 7;
const rolledBackTo = 11;

/**
 * Runs a small model of the same widths on a device before it is trusted, and compares its logits with the reference's. Drivers and shader
 * compilers have been wrong before, without any error.
 */
export class SelfTest {
  /** What has passed, for each runtime. */
  readonly #passed = new WeakMap<GpuRuntime, Set<string>>();

  /** @throws BackendUnavailableError when the logits are not what they should be */
  async check(runtime: GpuRuntime, config: Gpt2Config, format: GpuFormat): Promise<void> {
    const small = smallConfig(config);
    const key = JSON.stringify([small, format]);
    const passed = this.#passed.get(runtime) ?? new Set();
    this.#passed.set(runtime, passed);
    if (passed.has(key)) return;
    const difference = await largestDifference(runtime, small, format);
    if (!(difference <= tolerance(format))) {
      throw new BackendUnavailableError(
        `WebGPU computes wrongly on this machine (${adapterName(runtime.device.adapterInfo)}), so it is not used.`,
        `The logits of the self-test are off by ${difference} of the largest.`,
      );
    }
    passed.add(key);
  }
}

/** How far the logits may be off, as a share of the largest. What was seen of faults is a third and more. */
function tolerance({ float }: GpuFormat): number {
  return float === "float32" ? 1e-4 : 0.03;
}

/** Two layers of the model, with few tokens and positions. */
function smallConfig(config: Gpt2Config): Gpt2Config {
  const layers = Math.min(2, config.layers);
  // Of a part of a model too, a whole one is run.
  const part = { firstLayer: 0, totalLayers: layers };
  return { ...config, layers, part, vocabSize: 160, contextLength: 64, tiedHead: true };
}

/** The largest difference of a logit from the reference's, as a share of the largest logit. */
async function largestDifference(runtime: GpuRuntime, config: Gpt2Config, format: GpuFormat): Promise<number> {
  const weights = selfTestWeights(config, format);
  const session = await GpuSession.open(runtime, weights, format, false);
  const info = { backend: "webgpu", precision: "f32", threads: 1, weightBytes: 0, loadMs: 0 } as const;
  await using model = new GpuModel({ runtime, session, info, cacheBudgetBytes: 0, config });
  const reference = new Reference(weights);
  const token = (i: number) => (i * 37 + 11) % config.vocabSize;
  const prompt = Array.from({ length: promptLength }, (_, i) => token(i));
  const chunk = Array.from({ length: chunkLength }, (_, i) => token(i + 50));
  const other = Array.from({ length: chunkLength }, (_, i) => token(i + 90));
  using slot = await model.acquire(prompt);
  let [largest, magnitude] = [0, 0];
  const compare = async (tokens: readonly number[]) => {
    const past = slot.tokens.slice();
    const actual = await model.forward(slot, tokens, tokens.length);
    const { logits } = await reference.forward(reference.start(), [...past, ...tokens], { logitRows: tokens.length });
    for (let i = 0; i < logits.length; i++) {
      const difference = Math.abs((actual[i] ?? NaN) - (logits[i] as number));
      largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
      magnitude = Math.max(magnitude, Math.abs(logits[i] as number));
    }
  };
  await compare(prompt);
  await compare([token(30)]);
  await compare(chunk);
  model.rewind(slot, rolledBackTo);
  await compare(other);
  return largest / magnitude;
}
