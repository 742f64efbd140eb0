import type { LineScore } from "../../../generation/ranking/scoreLines";
import type { HttpClient } from "../http/client";
import type { LinesRequest } from "./protocol";
import { fieldsOf, listOf, numberOf, textOf } from "./values";

/** A token of an echoed prompt. */
interface EchoedToken {
  readonly text: string;
  readonly logProbability: number;
}

/** A line that could not be scored. */
export const unscored: LineScore = { tokens: [], end: -Infinity };

/**
 * Scores lines with `echo` and `logprobs`: the server returns the log-probability of each token of the prompt. All lines are prompts of one
 * request.
 */
export async function scoreByEcho(
  { path, model, prompt }: { readonly path: string; readonly model: string; readonly prompt: string },
  { typed, lines, secretTexts }: LinesRequest,
  http: HttpClient,
  signal: AbortSignal | undefined,
): Promise<readonly LineScore[]> {
  const tails = lines.map((line) => `${typed}${line}\n`);
  const body = {
    model,
    prompt: tails.map((tail) => prompt + tail),
    ...{ max_tokens: 1, temperature: 0, logprobs: 1, echo: true },
  };
  const answer = fieldsOf(await http.json({ path, body, secretTexts: [...secretTexts, ...lines], signal }));
  const choices = listOf(answer["choices"]).map(fieldsOf);
  return tails.map((tail, index) => {
    const choice = choices.find((one) => one["index"] === index) ?? choices[index];
    return scoreOfTail(echoedTokens(choice?.["logprobs"]), tail, typed.length);
  });
}

/** Where each of several texts in a row ends. @param start where the first one begins; may be negative */
export function endsOf(texts: readonly string[], start: number): number[] {
  let end = start;
  return texts.map(({ length }) => (end += length));
}

function echoedTokens(logprobs: unknown): EchoedToken[] {
  const fields = fieldsOf(logprobs);
  const values = listOf(fields["token_logprobs"]);
  return listOf(fields["tokens"]).map((token, i) => ({
    text: textOf(token),
    logProbability: numberOf(values[i]) ?? -Infinity,
  }));
}

/**
 * The score of the line that a prompt ends with.
 * @param tokens of the prompt, and usually one that was generated after it
 * @param tail the line and its line break; the first token of it may begin before it
 * @param typed how many characters of the tail stand before the line
 */
export function scoreOfTail(tokens: readonly EchoedToken[], tail: string, typed = 0): LineScore {
  return scoreIfAligned(tokens.slice(0, -1), tail, typed) ?? scoreIfAligned(tokens, tail, typed) ?? unscored;
}

function scoreIfAligned(tokens: readonly EchoedToken[], tail: string, typed: number): LineScore | undefined {
  let joined = "";
  let start = tokens.length;
  while (start > 0 && joined.length < tail.length) joined = (tokens[--start]?.text ?? "") + joined;
  if (!joined.endsWith(tail)) return undefined;
  const own = tokens.slice(start);
  const last = own.at(-1);
  // A tokenizer may join the line break with what is before it: then the line's end has no token of its own.
  const hasOwnEnd = last !== undefined && /^\s*\n$/.test(last.text);
  const inLine = hasOwnEnd ? own.slice(0, -1) : own;
  return {
    tokens: inLine.map(({ logProbability }) => logProbability),
    ends: endsOf(
      inLine.map(({ text }) => text),
      tail.length - joined.length - typed,
    ),
    end: hasOwnEnd ? last.logProbability : 0,
  };
}
