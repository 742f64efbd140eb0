import { ServerError } from "../errors";
import type { HttpClient } from "../http/client";
import { scoreByEcho } from "./echoScores";
import { EventAnswerParser } from "./eventParser";
import type { AnswerPart, NextToken, ServerFacts, ServerPrompt, ServerProtocol, ServerRequest } from "./protocol";
import { fieldsAt, unlessUnsupported } from "./recognize";
import { type Fields, fieldsOf, listOf, numberOf, textOf } from "./values";

const path = "v1/completions";
/** OpenAI takes no more. */
const maxStops = 4;
/** vLLM lists up to 20 alternatives unless it is started with more, OpenAI up to 5. */
const vllmAlternatives = 20;
const openAiAlternatives = 5;

/** What speaks OpenAI's `/v1/completions`: vLLM, TGI, llama-cpp-python, LM Studio and many more. */
export const openAi: ServerProtocol = {
  kind: "openai",
  healing: "space",

  async recognize(http) {
    return Array.isArray((await fieldsAt(http, "v1/models"))?.["data"]);
  },

  async describe(http, model) {
    const models = listOf((await fieldsAt(http, "v1/models"))?.["data"]).map(fieldsOf);
    const found = models.find(({ id }) => id === model) ?? (model === "" ? models[0] : undefined);
    const name = model === "" ? textOf(found?.["id"]) : model;
    if (name === "") throw new ServerError("missing", `${http.host} lists no model. Set gpt2.server.model.`);
    const isVllm = found?.["owned_by"] === "vllm";
    return {
      model: name,
      contextLength: numberOf(found?.["max_model_len"]) ?? numberOf(fieldsOf(found?.["meta"])["n_ctx_train"]),
      ownFim: undefined,
      logProbabilities: await logProbabilitiesOf(http, name),
      maxAlternatives: isVllm ? vllmAlternatives : openAiAlternatives,
    };
  },

  textRequest(request, { model }) {
    const { text } = textPrompt(request.prompt);
    const stream = { stream: true, stream_options: { include_usage: true } };
    return { path, body: { ...bodyOf(request, model), ...stream }, secretTexts: [text] };
  },

  parser: () => new EventAnswerParser(partOf),

  async nextTokens(request, count, { http, facts }, signal): Promise<NextToken[]> {
    const { text } = textPrompt(request.prompt);
    const logprobs = Math.min(count, facts.maxAlternatives);
    const body = { ...bodyOf({ ...request, maxTokens: 1 }, facts.model), logprobs };
    const answer = fieldsOf(await http.json({ path, body, secretTexts: [text], signal }));
    const choice = fieldsOf(listOf(answer["choices"])[0]);
    return likeliestTokens(fieldsOf(choice["logprobs"]));
  },

  scoreLines(request, { http, facts }, signal) {
    const { text } = textPrompt(request.prompt);
    return scoreByEcho({ path, model: facts.model, prompt: text }, request, http, signal);
  },
};

/** This kind has `ownFim` undefined, so no prompt comes in parts. */
function textPrompt(prompt: ServerPrompt): { readonly text: string } {
  return prompt.kind === "text" ? prompt : { text: prompt.prefix };
}

/** Without top-k: OpenAI does not have it, and refuses what it does not know. */
function bodyOf({ prompt, maxTokens, sampling, stop }: ServerRequest, model: string): object {
  return {
    model,
    prompt: textPrompt(prompt).text,
    max_tokens: maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    seed: sampling.seed,
    ...(stop.length > 0 && { stop: stop.slice(0, maxStops) }),
  };
}

/** Of the first token: `top_logprobs` by token, or in the form of chat completions, which some servers use here too. */
function likeliestTokens(logprobs: Fields): NextToken[] {
  const [byToken] = listOf(logprobs["top_logprobs"]);
  const [inList] = listOf(logprobs["content"]);
  const pairs: readonly (readonly [token: string, logProbability: unknown])[] =
    byToken === undefined
      ? listOf(fieldsOf(inList)["top_logprobs"]).map((one) => [
          textOf(fieldsOf(one)["token"]),
          fieldsOf(one)["logprob"],
        ])
      : Object.entries(fieldsOf(byToken));
  return pairs.map(([text, value]) => ({ token: -1, text, logProbability: numberOf(value) ?? -Infinity }));
}

function partOf(fields: Fields): AnswerPart {
  const choice = fieldsOf(listOf(fields["choices"])[0]);
  const reason = choice["finish_reason"];
  const usage = fieldsOf(fields["usage"]);
  const timings = fieldsOf(fields["timings"]);
  return {
    text: textOf(choice["text"]),
    ...(typeof reason === "string" && { finish: reason === "length" ? "length" : "endOfText" }),
    usage: {
      promptTokens: numberOf(usage["prompt_tokens"]),
      cachedTokens: numberOf(fieldsOf(usage["prompt_tokens_details"])["cached_tokens"]) ?? numberOf(timings["cache_n"]),
      newTokens: numberOf(usage["completion_tokens"]),
      prefillMs: numberOf(timings["prompt_ms"]),
      decodeMs: numberOf(timings["predicted_ms"]),
    },
  };
}

/** Asks for the log-probabilities of a prompt of one word, and if the server does not give them, for those of what follows. */
async function logProbabilitiesOf(http: HttpClient, model: string): Promise<ServerFacts["logProbabilities"]> {
  const ask = (more: object) =>
    unlessUnsupported(async () => {
      const body = { model, prompt: "return", max_tokens: 1, temperature: 0, logprobs: 1, ...more };
      const answer = fieldsOf(await http.json({ path, body }));
      const choice = fieldsOf(listOf(answer["choices"])[0]);
      const logprobs = fieldsOf(choice["logprobs"]);
      return { text: textOf(choice["text"]), tokens: listOf(logprobs["token_logprobs"] ?? logprobs["content"]) };
    });
  const echoed = await ask({ echo: true });
  if (echoed && echoed.text.startsWith("return") && echoed.tokens.length > 0) return "lines";
  return ((await ask({}))?.tokens.length ?? 0) > 0 ? "generated" : "none";
}
