import { adaptiveDelay } from "./adaptiveDelay";

/** Only so many of the last values count. */
const keptIntervals = 24;
const keptResponses = 12;
const keptOutcomes = 20;
/** Milliseconds between keys: more is a pause, less is not typed by hand. */
const pauseMs = 1500;
const byToolMs = 15;
/** Milliseconds that a text must rest before anything is requested, while a tool edits it. */
const burstDelay = 100;

/** Observes how a person types and how fast suggestions come, and says how long to wait before a request. Times are in milliseconds. */
export class TypingRhythm {
  readonly #intervals = new Recent<number>(keptIntervals);
  readonly #responses = new Recent<number>(keptResponses);
  readonly #outcomes = new Recent<{ readonly accepted: boolean; readonly at: number }>(keptOutcomes);
  #lastEdit = -Infinity;
  #inBurst = false;

  /** The text was edited. */
  edited(now: number): void {
    const interval = now - this.#lastEdit;
    this.#lastEdit = now;
    this.#inBurst = interval < byToolMs;
    if (interval >= byToolMs && interval <= pauseMs) this.#intervals.add(interval);
  }

  /** A request was answered. */
  answered(milliseconds: number): void {
    this.#responses.add(milliseconds);
  }

  /** A suggestion was accepted, or made way for something else. */
  ended(accepted: boolean, now: number): void {
    this.#outcomes.add({ accepted, at: now });
  }

  /** How long to wait before a request. @param setting the value of `gpt2.inlineCompletions.delay` */
  delay(setting: number | "adaptive", now: number): number {
    const delay = setting === "adaptive" ? this.#adaptive(now) : setting;
    return this.#inBurst ? Math.max(delay, burstDelay) : delay;
  }

  #adaptive(now: number): number {
    const outcomes = this.#outcomes.values.map(({ accepted, at }) => ({ accepted, age: now - at }));
    return adaptiveDelay({ intervals: this.#intervals.values, responses: this.#responses.values, outcomes });
  }
}

/** The last values of a series. */
class Recent<T> {
  readonly #capacity: number;
  readonly #values: T[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get values(): readonly T[] {
    return this.#values;
  }

  add(value: T): void {
    this.#values.push(value);
    if (this.#values.length > this.#capacity) this.#values.shift();
  }
}
