import type { TextRequest, TimedText } from "../backend";

const late: TimedText = {
  ...{ text: "", finish: "time" },
  timings: { totalMs: 0, firstTokenMs: 0, decodeMs: 0, newTokens: 0 },
};

/** The time that several texts, written one after the other, have together. It begins when it is created. */
export class TimeLimit {
  readonly #endsAt: number;
  #isOver = false;

  /** @param maxMs no limit unless given */
  constructor(maxMs = Infinity) {
    this.#endsAt = performance.now() + maxMs;
  }

  /**
   * Writes the next text within the time that is left. When none is left, the text ends at once.
   * @param generate is not called when no time is left
   */
  async write<Request extends Pick<TextRequest, "stops">>(
    request: Request,
    generate: (request: Request) => Promise<TimedText>,
  ): Promise<TimedText> {
    const maxMs = this.#endsAt - performance.now();
    if (maxMs === Infinity) return generate(request);
    if (this.#isOver || maxMs <= 0) return late;
    const written = await generate({ ...request, stops: { ...request.stops, maxMs } });
    // A timer may end a little before the clock says so.
    this.#isOver = written.finish === "time";
    return written;
  }
}
