import { LineSplitter } from "./lines";

/** An event of a stream. */
export interface StreamEvent {
  /** `message` unless the server names it. */
  readonly event: string;
  readonly data: string;
}

/**
 * Parses server-sent events that arrive in pieces (HTML standard, 9.2.6 "Interpreting an event stream"). An event that is not complete at
 * the end of the stream is discarded, as the standard says.
 */
export class EventStreamParser {
  readonly #lines = new LineSplitter();
  #event = "";
  #data: string[] = [];

  /** The events that are complete now. */
  push(bytes: Uint8Array): StreamEvent[] {
    return this.#lines.push(bytes).flatMap((line) => this.#line(line));
  }

  #line(line: string): StreamEvent[] {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    return [];
  }

  #dispatch(): StreamEvent[] {
    const [event, data] = [this.#event, this.#data];
    this.#event = "";
    this.#data = [];
    return data.length > 0 ? [{ event: event || "message", data: data.join("\n") }] : [];
  }
}
