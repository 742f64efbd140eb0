import type { FinishReason } from "../../generation/request";
import { ServerError } from "./errors";
import type { HttpClient, HttpRequest } from "./http/client";
import type { AnswerParser, AnswerPart, ServerUsage } from "./protocols/protocol";
import { ServerText, type TextRules } from "./text";
import { serverTimings, type ServerTimings } from "./timings";

/** A text that a server wrote. */
export interface ServerAnswer {
  readonly text: string;
  readonly finish: FinishReason;
  readonly timings: ServerTimings;
}

export interface AnswerRequest {
  readonly http: HttpClient;
  readonly request: HttpRequest;
  readonly parser: AnswerParser;
  readonly rules: TextRules;
  readonly signal: AbortSignal | undefined;
  readonly onText: ((text: string) => void) | undefined;
}

/**
 * Reads a streamed answer until the server ends it or the text is done by its own rules, which closes the connection. An aborted one
 * resolves with what there is.
 * @throws ServerError
 */
export async function readAnswer({
  http,
  request,
  parser,
  rules,
  signal,
  onText,
}: AnswerRequest): Promise<ServerAnswer> {
  const text = new ServerText(rules);
  const asked = performance.now();
  let firstText: number | undefined;
  let usage: ServerUsage = {};
  let ended: AnswerPart["finish"];
  const add = (part: AnswerPart): boolean => {
    if (part.error !== undefined) throw http.answerError(part.error, request);
    if (part.text !== "") firstText ??= performance.now();
    if (part.usage) usage = { ...usage, ...known(part.usage) };
    ended ??= part.finish;
    const goesOn = text.add(part.text);
    if (part.text !== "") onText?.(text.text);
    return goesOn;
  };
  const finish = await read();
  const times = { asked, firstText, ended: performance.now() };
  return { text: text.text, finish, timings: serverTimings(times, usage, text.pieces) };

  async function read(): Promise<FinishReason> {
    try {
      for await (const bytes of http.stream({ ...request, signal })) {
        if (!parser.push(bytes).every(add)) return "stop";
      }
      if (!parser.end().every(add)) return "stop";
    } catch (error) {
      if (signal?.aborted) return "cancelled";
      throw error;
    }
    if (ended === undefined) throw new ServerError("cut", `${http.host} ended its answer in the middle.`);
    return text.finish(ended);
  }
}

/** The values that are given: a later part does not remove what an earlier one said. */
function known(usage: ServerUsage): ServerUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined));
}
