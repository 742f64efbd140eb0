import type { CandidatesRequest } from "../../generation/inspection/requests";
import type { ScoreRequest } from "../../generation/ranking/scoreLines";
import type { CompletionRequest } from "../../generation/request";
import type { TextRequest } from "../backend";
import type { OpenConnection } from "./connection";
import { makePrompt, stopsOf, usablePrompt } from "./fim/choose";
import { cutToContext } from "./fim/window";
import { healPrefix } from "./healing";
import { type LinesRequest, type ServerPrompt, type ServerRequest, textsOf } from "./protocols/protocol";

/** Where the server does not say how long its context is. */
const defaultContext = 2048;
/** A low estimate for code; {@link RequestBuilder.shorten} lowers it when prompts turn out to be too long. */
const charactersPerToken = 2.5;
const shortening = 0.6;
/** Characters of each other document that a server takes. */
const extraCharacters = 4000;

const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };

/** Makes requests for a server out of those of the text level: windows, templates and healing. */
export class RequestBuilder {
  /** The texts of other open documents. */
  otherTexts: readonly string[] = [];
  #charactersPerToken = charactersPerToken;

  /** Makes the next prompts shorter: the last one did not fit the server's context. */
  shorten(): void {
    this.#charactersPerToken = Math.max(0.25, this.#charactersPerToken * shortening);
  }

  completion({ maxTokens, sampling, ...request }: CompletionRequest, connection: OpenConnection): ServerRequest {
    return {
      ...this.#promptOf({ ...request, maxTokens }, connection),
      maxTokens,
      sampling,
      stop: stopsOf(connection.fim),
    };
  }

  inspected(request: CandidatesRequest, connection: OpenConnection): ServerRequest {
    const { prompt } = this.#promptOf({ ...request, healing: false }, connection);
    return { prompt, typed: "", maxTokens: 1, sampling: greedy, stop: [] };
  }

  lines({ lines, ...request }: ScoreRequest, connection: OpenConnection): Omit<LinesRequest, "budgetMs"> {
    const { prompt, typed } = this.#promptOf(request, connection);
    return { prompt, typed, lines, secretTexts: textsOf(prompt, typed) };
  }

  freeText({ prompt, maxTokens, sampling, stops }: TextRequest, { facts, fim }: OpenConnection): ServerRequest {
    const parts = cutToContext(
      { header: "", prefix: prompt, suffix: "" },
      this.#limits(facts.contextLength, maxTokens),
    );
    return {
      prompt: makePrompt(parts, fim, []),
      typed: "",
      maxTokens,
      sampling,
      stop: [...(stops?.strings ?? []), ...stopsOf(fim)],
    };
  }

  #promptOf(
    { prompt, maxTokens, healing }: Pick<CompletionRequest, "prompt" | "maxTokens" | "healing">,
    { facts, fim, protocol }: OpenConnection,
  ): { readonly prompt: ServerPrompt; readonly typed: string } {
    const parts = cutToContext(usablePrompt(prompt, fim), this.#limits(facts.contextLength, maxTokens));
    const healed = healing ? healPrefix(parts.prefix, protocol.healing) : { prefix: parts.prefix, typed: "" };
    const extra = this.otherTexts.map((text) => text.slice(0, extraCharacters));
    return {
      prompt: makePrompt({ prefix: healed.prefix, suffix: parts.suffix }, fim, extra),
      typed: healed.typed,
    };
  }

  #limits(contextLength = defaultContext, maxTokens: number) {
    return { contextLength, charactersPerToken: this.#charactersPerToken, maxTokens };
  }
}
