import { EventStreamParser } from "../http/eventStream";
import type { AnswerParser, AnswerPart } from "./protocol";
import { type Fields, parseFields } from "./values";

/** Parses an answer of server-sent events, each with a JSON object; `[DONE]` may end it. */
export class EventAnswerParser implements AnswerParser {
  readonly #events = new EventStreamParser();
  readonly #partOf: (fields: Fields) => AnswerPart;

  constructor(partOf: (fields: Fields) => AnswerPart) {
    this.#partOf = partOf;
  }

  push(bytes: Uint8Array): readonly AnswerPart[] {
    return this.#events.push(bytes).map(({ event, data }) => {
      if (data.trim() === "[DONE]") return { text: "", finish: "endOfText" };
      if (event === "error") return { text: "", error: data };
      const fields = parseFields(data);
      return fields["error"] === undefined ? this.#partOf(fields) : { text: "", error: data };
    });
  }

  end(): readonly AnswerPart[] {
    return [];
  }
}
