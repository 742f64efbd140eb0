import type { TextRequest, TimedText } from "../../backend/backend";
import { TimeLimit } from "../../backend/server/timeLimit";
import type { GenerateCommand } from "../generateCommand";
import type { Output } from "../output";
import { openServer } from "../server";
import type { ServerOptions } from "../serverOptions";
import { StreamedText } from "../streamedText";
import { rateOf } from "../timings";
import { UsageError } from "../values";

/** Continues prompts on a server. One text is streamed; several are printed one after the other, and JSON at the end. */
export async function writeFromServer(
  server: ServerOptions,
  command: GenerateCommand,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const requests = requestsOf(command);
  const backend = await openServer(server, output);
  const limit = new TimeLimit(command.stops.maxMs);
  const written: TimedText[] = [];
  for (const [i, request] of requests.entries()) {
    if (signal.aborted) break;
    const label = requests.length > 1 ? `[${i + 1}] ` : "";
    const streamed = command.show && !command.json ? new StreamedText(output, request.prompt, label) : undefined;
    const onText = (text: string) => streamed?.show(text);
    const result = await limit.write(request, (one) => backend.generate(one, { signal, onText }));
    written.push(result);
    streamed?.end(result.text);
  }
  const texts = written.map(({ text }) => text);
  if (command.json) {
    output.json({
      ...{ model: (await backend.describe()).name, texts, finish: written.map(({ finish }) => finish) },
      timings: written.map(({ timings }) => timings),
    });
  }
  if (command.timing) for (const { timings } of written) output.note(describe(timings));
}

/** @throws UsageError for what servers do not do */
function requestsOf(command: GenerateCommand): TextRequest[] {
  const { task, count, batchSize, sampling, stops } = command;
  const unsupported = unsupportedBy(command);
  if (unsupported !== undefined) throw new UsageError(`${unsupported} needs a local model: leave out --server.`);
  const prompts = task.kind === "write" ? task.prompts.filter((prompt) => typeof prompt === "string") : [];
  return prompts.flatMap((prompt) =>
    Array.from({ length: batchSize }, (_, i) => {
      return { prompt, maxTokens: count, sampling: { ...sampling, seed: sampling.seed + i }, stops };
    }),
  );
}

/** The first option that servers do not have. */
function unsupportedBy(command: GenerateCommand): string | undefined {
  const { task, beams, regex, jsonSchema, logProbabilities, rng, emptyPrompt, sampling, stops } = command;
  const used: readonly (readonly [option: string, isUsed: boolean])[] = [
    ["--benchmark", task.kind === "benchmark"],
    ["--perplexity", task.kind === "perplexity"],
    ["--tokens", task.kind === "write" && task.prompts.some((prompt) => typeof prompt !== "string")],
    ["--beams", beams !== undefined],
    ["--regex", regex !== undefined],
    ["--json-schema", jsonSchema !== undefined],
    ["--logprobs", logProbabilities !== undefined],
    ["--rng", rng !== "mulberry32"],
    ["--empty-prompt", emptyPrompt !== "end-of-text"],
    ["--stop-tokens", stops.tokens !== undefined],
    ["--ignore-end-of-text", stops.endOfText === "write"],
    ["--context-end rotate", stops.contextEnd === "rotate"],
    ["Sampling beyond --temperature, --top-k, --top-p and --seed", Object.keys(sampling).length > 4],
  ];
  return used.find(([, isUsed]) => isUsed)?.[0];
}

function describe(timings: TimedText["timings"]): string {
  const { totalMs, firstTokenMs, newTokens, networkMs } = timings;
  const network = networkMs === undefined ? "" : `, network ${networkMs.toFixed(1)} ms`;
  return `total ${totalMs.toFixed(1)} ms, first ${firstTokenMs.toFixed(1)} ms, ${newTokens} tokens${rateOf(timings)}${network}\n`;
}
