import { InputError } from "../../generation/errors";
import { seededRandom } from "../../generation/sampling/random";
import type { GenerateCommand } from "../generateCommand";
import type { Output } from "../output";
import type { Session } from "../session";

/** Runs, of which the median counts. The first one, which warms up, does not. */
const runs = 5;

/**
 * Checks that prompt and text fit together: a longer prompt would be cut, and a longer text would read its window again while it is written,
 * so that what is printed would be the speed of something else.
 * @throws InputError saying what fits
 */
export function checkBenchmark(promptLength: number, count: number, contextLength: number): void {
  const fits = contextLength - count;
  if (promptLength <= fits) return;
  const context = `do not fit the context of ${contextLength} tokens`;
  throw new InputError(
    fits < 1
      ? `--count ${count} and a prompt ${context}: --count can be at most ${contextLength - 1}.`
      : `--benchmark ${promptLength} and --count ${count} ${context}: --benchmark can be at most ${fits} with this --count.`,
  );
}

/** Measures the speed of reading a prompt of random tokens and of writing after it, for each batch. */
export async function benchmark(
  promptLength: number,
  { batchSize, count: wantedCount, json, sampling, contextLimit = Infinity }: GenerateCommand,
  { engine, model }: Session,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const random = seededRandom(sampling.seed);
  const { vocabSize, contextLength } = model.config;
  const count = Math.max(1, wantedCount);
  checkBenchmark(promptLength, count, Math.min(contextLength, contextLimit));
  const prefill: number[] = [];
  const decode: number[] = [];
  for (let run = 0; run <= runs && !signal.aborted; run++) {
    const texts = Array.from({ length: batchSize }, () => {
      const prompt = Array.from({ length: promptLength }, () => Math.floor(random() * vocabSize));
      return { prompt, sampling };
    });
    const request = { texts, maxTokens: count, stops: { endOfText: "write" } as const };
    const { timings } = await engine.handlers.generateSeveral(request, { signal, onProgress: () => undefined });
    if (run === 0) continue;
    prefill.push((1000 * (timings.promptTokens - timings.cachedTokens)) / timings.prefillMs);
    decode.push((1000 * (timings.newTokens - batchSize)) / timings.decodeMs);
  }
  const speeds = { prefillTokensPerSecond: median(prefill), decodeTokensPerSecond: median(decode) };
  if (json) {
    const { backend, precision, threads } = model.info;
    output.json({ model: model.name, backend, precision, threads, promptLength, count, batchSize, ...speeds });
    return;
  }
  output.text(`prefill  ${speeds.prefillTokensPerSecond.toFixed(1).padStart(9)} tokens/s\n`);
  if (count > 1) output.text(`decode   ${speeds.decodeTokensPerSecond.toFixed(1).padStart(9)} tokens/s\n`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
