import { ServerError } from "../errors";
import type { HttpClient } from "../http/client";
import { JsonLinesParser } from "../http/jsonLines";
import {
  type AnswerParser,
  type AnswerPart,
  type NextToken,
  type ServerProtocol,
  type ServerRequest,
  textsOf,
} from "./protocol";
import { fieldsAt } from "./recognize";
import { type Fields, fieldsOf, listOf, numberOf, parseFields, textOf } from "./values";

const path = "api/generate";
/** Ollama opens models with this context unless it is told otherwise, whatever the model has. */
const defaultContext = 4096;
/** Opening a large model from disk takes this long at most, in milliseconds. */
const loadTimeoutMs = 120_000;
/** The first version with log-probabilities. */
const withLogProbabilities = [0, 12, 11];
const maxAlternatives = 20;

/** Ollama's own API. */
export const ollama: ServerProtocol = {
  kind: "ollama",
  healing: "space",

  async recognize(http) {
    return typeof (await fieldsAt(http, "api/version"))?.["version"] === "string";
  },

  async describe(http, model) {
    const name = model === "" ? await firstModel(http) : model;
    const shown = fieldsOf(await http.json({ path: "api/show", body: { model: name } }));
    // A request without a prompt loads the model.
    await http.json({ path, body: { model: name, stream: false }, timeoutMs: loadTimeoutMs });
    const lengths = Object.entries(fieldsOf(shown["model_info"])).filter(([key]) => key.endsWith(".context_length"));
    const version = textOf((await fieldsAt(http, "api/version"))?.["version"]);
    return {
      model: name,
      contextLength: Math.min(defaultContext, numberOf(lengths[0]?.[1]) ?? defaultContext),
      ownFim: listOf(shown["capabilities"]).includes("insert") ? "suffix" : undefined,
      logProbabilities: isAtLeast(version, withLogProbabilities) ? "generated" : "none",
      maxAlternatives,
    };
  },

  textRequest(request, { model }) {
    return { path, body: { ...bodyOf(request, model), stream: true }, secretTexts: textsOf(request.prompt) };
  },

  parser: () => new OllamaParser(),

  async nextTokens(request, count, { http, facts }, signal): Promise<NextToken[]> {
    const body = {
      ...bodyOf({ ...request, maxTokens: 1 }, facts.model),
      ...{ stream: false, logprobs: true, top_logprobs: Math.min(count, maxAlternatives) },
    };
    const answer = fieldsOf(await http.json({ path, body, secretTexts: textsOf(request.prompt), signal }));
    return listOf(fieldsOf(listOf(answer["logprobs"])[0])["top_logprobs"])
      .map(fieldsOf)
      .map(({ token, logprob }) => ({
        token: -1,
        text: textOf(token),
        logProbability: numberOf(logprob) ?? -Infinity,
      }));
  },

  scoreLines: () => Promise.resolve([]),
};

class OllamaParser implements AnswerParser {
  readonly #lines = new JsonLinesParser();

  push(bytes: Uint8Array): readonly AnswerPart[] {
    return this.#lines.push(bytes).map(partOf);
  }

  end(): readonly AnswerPart[] {
    return this.#lines.end().map(partOf);
  }
}

function partOf(line: string): AnswerPart {
  const fields = parseFields(line);
  if (fields["error"] !== undefined) return { text: "", error: line };
  return {
    text: textOf(fields["response"]),
    ...(fields["done"] === true && { finish: fields["done_reason"] === "length" ? "length" : "endOfText" }),
    usage: {
      promptTokens: numberOf(fields["prompt_eval_count"]),
      newTokens: numberOf(fields["eval_count"]),
      prefillMs: milliseconds(fields, "prompt_eval_duration"),
      decodeMs: milliseconds(fields, "eval_duration"),
    },
  };
}

/** Ollama's durations are in nanoseconds. */
function milliseconds(fields: Fields, name: string): number | undefined {
  const nanoseconds = numberOf(fields[name]);
  return nanoseconds === undefined ? undefined : nanoseconds / 1e6;
}

/** A prompt as text is sent as it is (`raw`), one in parts through the model's own template. */
function bodyOf({ prompt, maxTokens, sampling, stop }: ServerRequest, model: string): object {
  const { temperature, topK, topP, seed } = sampling;
  return {
    model,
    ...(prompt.kind === "text" ? { prompt: prompt.text, raw: true } : { prompt: prompt.prefix, suffix: prompt.suffix }),
    options: {
      ...{ num_predict: maxTokens, temperature, top_p: topP, seed, repeat_penalty: 1 },
      ...(topK > 0 && { top_k: topK }),
      ...(stop.length > 0 && { stop }),
    },
  };
}

async function firstModel(http: HttpClient): Promise<string> {
  const [first] = listOf(fieldsOf(await http.json({ path: "api/tags" }))["models"]);
  const name = textOf(fieldsOf(first)["name"]);
  if (name === "") throw new ServerError("missing", `${http.host} has no model. Pull one, or set gpt2.server.model.`);
  return name;
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const numbers = version.split(/[.-]/, least.length).map(Number);
  const different = least.findIndex((number, i) => numbers[i] !== number);
  return different < 0 || (numbers[different] ?? 0) > (least[different] ?? 0);
}
