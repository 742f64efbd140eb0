import type { HttpClient } from "../http/client";
import { EventAnswerParser } from "./eventParser";
import { scoreByForcing } from "./forcedScores";
import { grammarBeginningWith } from "./grammar";
import { alternativesOf } from "./llamaCppTokens";
import {
  type AnswerPart,
  type NextToken,
  type ServerPrompt,
  type ServerProtocol,
  type ServerRequest,
  textsOf,
} from "./protocol";
import { fieldsAt, unlessUnsupported } from "./recognize";
import { type Fields, fieldsOf, listOf, numberOf, textOf } from "./values";

/** The server lists as many alternatives as it is asked for; more are not worth their bytes. */
const maxAlternatives = 100;

/** llama.cpp's server, by its own API. It chooses the slot whose cache fits a prompt best. */
export const llamaCpp: ServerProtocol = {
  kind: "llama.cpp",
  healing: "piece",

  async recognize(http) {
    const props = await fieldsAt(http, "props");
    return props !== undefined && ("default_generation_settings" in props || "total_slots" in props);
  },

  async describe(http, model) {
    const props = (await fieldsAt(http, "props")) ?? {};
    const path = textOf(props["model_alias"]) || textOf(props["model_path"]);
    return {
      model: model === "" ? path.slice(path.search(/[^/\\]*$/)) : model,
      contextLength: numberOf(fieldsOf(props["default_generation_settings"])["n_ctx"]),
      ownFim: (await canInfill(http)) ? "infill" : undefined,
      logProbabilities: "lines",
      maxAlternatives,
    };
  },

  textRequest(request, { model }) {
    const { path, fields } = promptOf(request.prompt);
    const body = { ...fields, ...bodyOf(request, model), ...streamed };
    return { path, body, secretTexts: textsOf(request.prompt) };
  },

  parser: () => new EventAnswerParser(partOf),

  async nextTokens(request, count, { http, facts }, signal): Promise<NextToken[]> {
    const { path, fields } = promptOf(request.prompt);
    const n_probs = Math.min(count, maxAlternatives);
    const one = { n_predict: 1, n_probs, stream: false, response_fields: ["completion_probabilities"] };
    const body = { ...fields, ...bodyOf(request, facts.model), ...one };
    const answer = fieldsOf(await http.json({ path, body, secretTexts: textsOf(request.prompt), signal }));
    return alternativesOf(listOf(answer["completion_probabilities"])[0]);
  },

  scoreLines(request, { http, facts }, signal) {
    const base = { ...cacheOptions, model: facts.model };
    const continuePrompt = (ids: readonly number[], text: string) => {
      const { path, fields } = promptOf(request.prompt);
      // A prompt of its own may mix texts and tokens; what is infilled begins with a text.
      const more = request.prompt.kind === "text" ? { prompt: [request.prompt.text, ...ids] } : { prompt: text };
      return { path, fields: { ...base, ...fields, ...(ids.length > 0 && more) } };
    };
    return scoreByForcing(continuePrompt, request, http, signal);
  },
};

/** A text is usually stopped before its last part, with which the times would come. The prompt need not come back with it. */
const streamed = {
  ...{ stream: true, timings_per_token: true },
  response_fields: ["content", "stop", "stop_type", "timings"],
};

/** A prompt that was read stays in the slot, for the next one that begins with it. */
const cacheOptions = { cache_prompt: true };

async function canInfill(http: HttpClient): Promise<boolean> {
  const body = { input_prefix: "", input_suffix: "", n_predict: 0 };
  return (await unlessUnsupported(() => http.json({ path: "infill", body }))) !== undefined;
}

function promptOf(prompt: ServerPrompt): { readonly path: string; readonly fields: object } {
  if (prompt.kind === "text") return { path: "completion", fields: { prompt: prompt.text } };
  const extra = prompt.extra.map((text, i) => ({ filename: `document ${i + 1}`, text }));
  const fields = { input_prefix: prompt.prefix, input_suffix: prompt.suffix, input_extra: extra };
  return { path: "infill", fields };
}

function bodyOf({ typed, maxTokens, sampling, stop }: ServerRequest, model: string): object {
  const { temperature, topK, topP, seed } = sampling;
  return {
    ...{ model, ...cacheOptions, temperature, top_k: topK, top_p: topP, min_p: 0, seed },
    n_predict: maxTokens + typed.length,
    ...(stop.length > 0 && { stop }),
    ...(typed !== "" && { grammar: grammarBeginningWith(typed) }),
  };
}

function partOf(fields: Fields): AnswerPart {
  const timings = fieldsOf(fields["timings"]);
  const cached = numberOf(timings["cache_n"]);
  const computed = numberOf(timings["prompt_n"]);
  return {
    text: textOf(fields["content"]),
    ...(fields["stop"] === true && { finish: fields["stop_type"] === "limit" ? "length" : "endOfText" }),
    usage: {
      promptTokens: cached === undefined || computed === undefined ? undefined : cached + computed,
      cachedTokens: cached,
      newTokens: numberOf(timings["predicted_n"]),
      prefillMs: numberOf(timings["prompt_ms"]),
      decodeMs: numberOf(timings["predicted_ms"]),
    },
  };
}
