import { InputError } from "../../generation/errors";
import type { StreamOptions, TextRequest, TextTimings, TimedText } from "../backend";
import type { TextsOptions, TextsRequest, WrittenText, WrittenTexts } from "../texts";
import { TimeLimit } from "./timeLimit";

/** Whether a request needs what servers do not have, or each has in its own way. */
export function needsLocalModel({
  constraint,
  beams,
  written,
}: Pick<TextsRequest, "constraint" | "beams" | "written">): boolean {
  return constraint !== undefined || beams !== undefined || (written !== undefined && written.length > 0);
}

/**
 * Writes several texts one after the other, within one time limit.
 * @param generate writes one
 * @throws InputError for what servers do not have
 */
export async function writeTexts(
  request: TextsRequest,
  { signal, onGrowth }: TextsOptions,
  generate: (request: TextRequest, options: StreamOptions) => Promise<TimedText>,
): Promise<WrittenTexts> {
  if (needsLocalModel(request))
    throw new InputError("Patterns, beams and going on after a token need the local model.");
  const { prompt, maxTokens, samplings, stops } = request;
  const limit = new TimeLimit(stops?.maxMs);
  const texts: WrittenText[] = [];
  const timings: TextTimings[] = [];
  for (const [index, sampling] of samplings.entries()) {
    const rules = { prompt, maxTokens, sampling, ...(stops && { stops }) };
    const onText = (text: string) => onGrowth?.({ index, text });
    const written = await limit.write(rules, (one) => generate(one, { onText, ...(signal && { signal }) }));
    texts.push({ text: written.text, finish: written.finish, tokens: [] });
    timings.push(written.timings);
  }
  return { texts, timings: together(timings) };
}

/** The timings of texts that were written one after the other. */
function together(timings: readonly TextTimings[]): TextTimings {
  const sum = (value: (one: TextTimings) => number) => timings.reduce((all, one) => all + value(one), 0);
  return {
    totalMs: sum(({ totalMs }) => totalMs),
    firstTokenMs: timings[0]?.firstTokenMs ?? 0,
    decodeMs: sum(({ decodeMs }) => decodeMs),
    newTokens: sum(({ newTokens }) => newTokens),
  };
}
