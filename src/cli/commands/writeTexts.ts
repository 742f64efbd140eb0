import type { BeamText } from "../../generation/beams/request";
import type { FreePrompt, GeneratedText, GenerateRequest, TextOptions, Timings } from "../../generation/request";
import type { Constraint } from "../../generation/sampling/constraints/constraint";
import { numbersDrawnByModel } from "../../generation/sampling/threefry";
import type { GenerateCommand } from "../generateCommand";
import type { Output } from "../output";
import { ProgressLine } from "../progress";
import type { Session } from "../session";
import { StreamedText } from "../streamedText";
import { describeTimings } from "../timings";

type Prompted = Pick<GenerateRequest, "prompt" | "sampling">;

interface Written {
  readonly texts: readonly (GeneratedText | BeamText)[];
  readonly timings: Timings;
}

/** Continues prompts. One text is streamed; several are printed when all are done, and JSON at the end. */
export async function writeTexts(
  prompts: readonly FreePrompt[],
  command: GenerateCommand,
  constraint: Constraint | undefined,
  session: Session,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const options = { ...textOptions(command), ...(constraint && { constraint }) };
  const texts = textsToWrite(prompts, command, session);
  const [first] = texts;
  const only = texts.length === 1 && !command.beams ? first : undefined;
  const streamed = command.show && !command.json ? only : undefined;
  let written: Written;
  {
    using progress = new ProgressLine(output, streamed !== undefined);
    const onToken = () => progress.token(texts.length * options.maxTokens);
    if (command.beams && first) written = await searchBeams(first, command, options, session, signal);
    else if (only) written = await writeOne(only, options, session, signal, streamed && output, onToken);
    else {
      written = await session.engine.handlers.generateSeveral({ ...options, texts }, { signal, onProgress: onToken });
    }
  }
  const timings = { loadMs: session.model.info.loadMs, ...written.timings };
  if (command.json) output.json(describe(written.texts, prompts.length, session, timings));
  else if (command.show && !only) printTexts(written.texts, texts, output);
  if (command.timing) output.note(describeTimings(timings));
  const full = written.texts.filter(({ finish }) => finish === "context").length;
  if (full > 0) output.note(`gpt2: ${full} of ${written.texts.length} text(s) ended because the context is full.\n`);
}

function textOptions({ count, stops, emptyPrompt, logProbabilities }: GenerateCommand): TextOptions {
  return {
    maxTokens: count,
    stops,
    emptyPrompt: emptyPrompt === "tinygrad" ? "equalLogits" : "endOfText",
    ...(logProbabilities !== undefined && { logProbabilities }),
  };
}

/** The texts after each prompt: with consecutive seeds, or with the numbers that tinygrad gives the rows of its batch. */
function textsToWrite(
  prompts: readonly FreePrompt[],
  { sampling, batchSize, rng }: GenerateCommand,
  { model }: Session,
): readonly Prompted[] {
  const counter = numbersDrawnByModel(model.config);
  const rows = prompts.length * batchSize;
  return prompts.flatMap((prompt, index) =>
    Array.from({ length: batchSize }, (_, i): Prompted => {
      if (rng === "mulberry32") return { prompt, sampling: { ...sampling, seed: sampling.seed + i } };
      const row = index * batchSize + i;
      return { prompt, sampling: { ...sampling, randomStream: { kind: "threefry", counter, row, rows } } };
    }),
  );
}

/** @param output where to stream the prompt and the text to, if they are shown */
async function writeOne(
  text: Prompted,
  options: TextOptions,
  { engine }: Session,
  signal: AbortSignal,
  output: Output | undefined,
  onToken: () => void,
): Promise<Written> {
  const streamed = output && new StreamedText(output, text.prompt);
  const onProgress = (soFar: string) => {
    onToken();
    streamed?.show(soFar);
  };
  const result = await engine.handlers.generate({ ...options, ...text }, { signal, onProgress });
  streamed?.end(result.text);
  return { texts: [result], timings: result.timings };
}

async function searchBeams(
  { prompt, sampling }: Prompted,
  { beams, batchSize: count, stops }: GenerateCommand,
  { maxTokens, constraint }: TextOptions,
  { engine }: Session,
  signal: AbortSignal,
): Promise<Written> {
  const { count: width = 1, lengthPenalty = 1 } = beams ?? {};
  const request = { prompt, maxTokens, sampling, stops, count, beams: width, lengthPenalty };
  const call = { signal, onProgress: () => undefined };
  return engine.handlers.beamSearch({ ...request, ...(constraint && { constraint }) }, call);
}

function printTexts(written: Written["texts"], texts: readonly Prompted[], output: Output): void {
  for (const [i, { text }] of written.entries()) {
    const prompt = (texts[i] ?? texts[0])?.prompt;
    output.text(`[${i + 1}] ${typeof prompt === "string" ? prompt : ""}${text}\n`);
  }
}

/** What `--json` prints. With several prompts, there are prompt tokens for each text. */
function describe(texts: Written["texts"], prompts: number, { model }: Session, timings: object): object {
  const choices = texts.flatMap((text) => (text.choices ? [text.choices] : []));
  const scores = texts.flatMap((text) => ("score" in text ? [text.score] : []));
  return {
    model: model.name,
    promptTokens: prompts === 1 ? texts[0]?.promptTokens : texts.map(({ promptTokens }) => promptTokens),
    tokens: texts.map(({ tokens }) => tokens),
    texts: texts.map(({ text }) => text),
    finish: texts.map(({ finish }) => finish),
    ...(choices.length > 0 && { choices }),
    ...(scores.length > 0 && { scores }),
    timings,
  };
}
