import type { SeveralTexts } from "../../generation/request";
import type { GenerateCommand } from "../arguments";
import type { Output } from "../output";
import { openSession, type Session } from "../session";
import { describeTimings } from "../timings";

/** Continues a prompt. One text is streamed; several are written when all are done, and JSON at the end. */
export async function generate(command: GenerateCommand, output: Output, signal: AbortSignal): Promise<void> {
  await using session = await openSession(command, output);
  const { promptTokens, texts, timings } =
    command.batchSize === 1
      ? await writeOne(command, session, output, signal)
      : await writeSeveral(command, session, output, signal);
  const all = { loadMs: session.model.info.loadMs, ...timings };
  if (command.json) {
    output.json({
      model: session.model.name,
      promptTokens,
      tokens: texts.map(({ tokens }) => tokens),
      texts: texts.map(({ text }) => text),
      timings: all,
    });
  }
  if (command.timing) output.note(describeTimings(all));
}

async function writeOne(
  { prompt, count, sampling, json }: GenerateCommand,
  { engine }: Session,
  output: Output,
  signal: AbortSignal,
): Promise<SeveralTexts> {
  if (!json && typeof prompt === "string") output.text(prompt);
  let shown = 0;
  const onProgress = (text: string) => {
    if (json) return;
    output.text(text.slice(shown));
    shown = text.length;
  };
  const result = await engine.handlers.generate({ prompt, maxTokens: count, sampling }, { signal, onProgress });
  onProgress(result.text);
  if (!json) output.text("\n");
  return { ...result, texts: [result] };
}

/** Texts with consecutive seeds, starting with the given one. */
async function writeSeveral(
  { prompt, count, sampling, json, batchSize }: GenerateCommand,
  { engine }: Session,
  output: Output,
  signal: AbortSignal,
): Promise<SeveralTexts> {
  const samplings = Array.from({ length: batchSize }, (_, i) => ({ ...sampling, seed: sampling.seed + i }));
  const request = { prompt, maxTokens: count, samplings };
  const result = await engine.handlers.generateSeveral(request, { signal, onProgress: () => undefined });
  if (json) return result;
  for (const [i, { text }] of result.texts.entries()) {
    output.text(`[${i + 1}] ${typeof prompt === "string" ? prompt : ""}${text}\n`);
  }
  return result;
}
