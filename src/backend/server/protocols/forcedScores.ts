import type { LineScore } from "../../../generation/ranking/scoreLines";
import type { HttpClient } from "../http/client";
import { endsOf, unscored } from "./echoScores";
import { alternativesOf } from "./llamaCppTokens";
import type { LinesRequest, NextToken } from "./protocol";
import { fieldsOf, listOf, numberOf } from "./values";

/** Alternatives per token, among which are those that agree with what was typed, and those that end a line. */
const alternatives = 20;
/** Added to the logits of a line's tokens: more than any model's logits differ by. */
const bias = 1000;

/** A line less likely than e to this power is not worth more requests. */
const hopeless = -25;

/** How a prompt is continued by tokens. */
export type Continue = (ids: readonly number[], text: string) => { readonly path: string; readonly fields: object };

/** A token of a line. */
interface LineToken {
  readonly id: number;
  readonly text: string;
}

/** What the model thought of a token. */
export interface ForcedToken {
  readonly id: number;
  readonly logProbability: number;
  readonly alternatives: readonly NextToken[];
}

/**
 * Scores lines on llama.cpp's server, which gives no log-probabilities of prompts. The answer is limited to the line's tokens by a bias on
 * their logits; the server reports what the model thought of each token without it. Where the answer leaves the line, it is asked for again
 * from there. (A grammar would do it in one request, but takes 20 times as long for a token.)
 */
export async function scoreByForcing(
  continuePrompt: Continue,
  { typed, lines, secretTexts, budgetMs }: LinesRequest,
  http: HttpClient,
  signal: AbortSignal | undefined,
): Promise<readonly LineScore[]> {
  const scores = lines.map(() => unscored);
  const endsAt = Date.now() + budgetMs;
  for (const index of inOrder(lines.length)) {
    const line = lines[index] ?? "";
    const hidden = [...secretTexts, line];
    const tokens = await tokenize(`${typed}${line}\n`, http, hidden, signal);
    const forced = await force(tokens, continuePrompt, http, hidden, signal);
    const score = scoreOf(forced, typed);
    const texts = tokens.slice(0, score.tokens.length).map(({ text }) => text);
    scores[index] = { ...score, ends: endsOf(texts, -typed.length) };
    if (Date.now() >= endsAt) break;
  }
  return scores;
}

/** The model's own line is the last one. It is scored first: without its score the others have nothing to be compared with. */
function inOrder(count: number): number[] {
  return count === 0 ? [] : [count - 1, ...Array.from({ length: count - 1 }, (_, i) => i)];
}

async function tokenize(
  content: string,
  http: HttpClient,
  secretTexts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<LineToken[]> {
  const body = { content, add_special: false, parse_special: false, with_pieces: true };
  const answer = fieldsOf(await http.json({ path: "tokenize", body, secretTexts, signal }));
  return listOf(answer["tokens"])
    .map(fieldsOf)
    .map(({ id, piece }) => ({ id: numberOf(id) ?? -1, text: typeof piece === "string" ? piece : "" }));
}

/** What the model thinks of each token after those before it; nothing for a line that is {@link hopeless}. */
async function force(
  tokens: readonly LineToken[],
  continuePrompt: Continue,
  http: HttpClient,
  secretTexts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ForcedToken[]> {
  const forced: ForcedToken[] = [];
  while (forced.length < tokens.length) {
    const before = tokens.slice(0, forced.length);
    const left = tokens.slice(forced.length);
    const { path, fields } = continuePrompt(
      before.map(({ id }) => id),
      before.map(({ text }) => text).join(""),
    );
    const ask = async (wanted: readonly LineToken[]) => {
      const biases = [...new Set(wanted.map(({ id }) => id))].map((id) => [id, bias]);
      const options = { n_predict: wanted.length, n_probs: alternatives, temperature: 0, logit_bias: biases };
      const body = { ...fields, ...options, stream: false, response_fields: ["completion_probabilities"] };
      const answer = fieldsOf(await http.json({ path, body, secretTexts, signal }));
      return listOf(answer["completion_probabilities"]);
    };
    const own = matching(await ask(left), left);
    // The bias on a single token leaves nothing else to choose.
    forced.push(...(own.length > 0 ? own : matching(await ask(left.slice(0, 1)), left)));
    const sum = forced.reduce((all, { logProbability }) => all + logProbability, 0);
    if (forced.length === before.length || sum < hopeless) return [];
  }
  return forced;
}

/**
 * The tokens of an answer up to where it leaves the line; with the one in whose place it leaves it, if that is among the alternatives.
 * @param answer `completion_probabilities`
 */
export function matching(answer: readonly unknown[], line: readonly Pick<LineToken, "id">[]): ForcedToken[] {
  const forced: ForcedToken[] = [];
  for (const [i, { id }] of line.entries()) {
    const written = answer[i];
    if (written === undefined) break;
    const likeliest = alternativesOf(written);
    const chosen = numberOf(fieldsOf(written)["id"]);
    const listed = likeliest.find(({ token }) => token === id)?.logProbability;
    const logProbability = chosen === id ? numberOf(fieldsOf(written)["logprob"]) : listed;
    if (logProbability !== undefined) forced.push({ id, logProbability, alternatives: likeliest });
    if (chosen !== id) break;
  }
  return forced;
}

/** @param tokens those of `typed`, the line and its line break; none for a line that could not be scored */
export function scoreOf(tokens: readonly ForcedToken[], typed: string): LineScore {
  const end = tokens.at(-1);
  if (!end) return unscored;
  const [first, ...others] = tokens.slice(0, -1);
  const agreeing = first?.alternatives.filter(({ text }) => text.startsWith(typed) || typed.startsWith(text)) ?? [];
  const given = first && typed !== "" ? total(agreeing, first.logProbability) : 0;
  return {
    tokens: first ? [first.logProbability - given, ...others.map(({ logProbability }) => logProbability)] : [],
    end: total(
      end.alternatives.filter(({ text }) => /^[ \t]*\r?\n/.test(text)),
      end.logProbability,
    ),
  };
}

/** The log-probability of one of several tokens, at least that of the one that is known. */
function total(tokens: readonly NextToken[], least: number): number {
  const sum = tokens.reduce((all, { logProbability }) => all + Math.exp(logProbability), 0);
  return Math.max(least, sum > 0 ? Math.log(sum) : -Infinity);
}
