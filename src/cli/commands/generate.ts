import type { GenerationResult } from "../../generation/request";
import type { GenerateCommand } from "../arguments";
import type { Output } from "../output";
import { openSession } from "../session";
import { describeTimings, sumTimings } from "../timings";

/** Continues a prompt and writes the text as it grows, or all of it as JSON at the end. */
export async function generate(command: GenerateCommand, output: Output, signal: AbortSignal): Promise<void> {
  const { prompt, count, batchSize, sampling, json } = command;
  await using session = await openSession(command);
  const results: GenerationResult[] = [];
  for (let i = 0; i < batchSize && !signal.aborted; i++) {
    if (!json && batchSize > 1) output.text(`[${i + 1}] `);
    if (!json && typeof prompt === "string") output.text(prompt);
    let shown = 0;
    const onText = (text: string) => {
      if (json) return;
      output.text(text.slice(shown));
      shown = text.length;
    };
    const request = { prompt, maxTokens: count, sampling: { ...sampling, seed: sampling.seed + i } };
    const result = await session.engine.handlers.generate(request, { signal, onProgress: onText });
    onText(result.text);
    if (!json) output.text("\n");
    results.push(result);
  }
  const timings = sumTimings(
    session.model.info.loadMs,
    results.map((result) => result.timings),
  );
  if (json) {
    output.json({
      model: session.model.name,
      promptTokens: results[0]?.promptTokens ?? [],
      tokens: results.map(({ tokens }) => tokens),
      texts: results.map(({ text }) => text),
      timings,
    });
  }
  if (command.timing) output.note(describeTimings(timings));
}
