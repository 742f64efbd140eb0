import type { Output } from "./output";

/** Milliseconds between two updates. */
const interval = 100;

/** A line on stderr that says how far the work is. It is there only while it is watched: on a terminal, and not among a streamed text. */
export class ProgressLine implements Disposable {
  readonly #output: Output;
  readonly #isShown: boolean;
  readonly #began = performance.now();
  #updated = -Infinity;
  #tokens = 0;
  #width = 0;

  /** @param streams whether the text is streamed to stdout at the same time */
  constructor(output: Output, streams: boolean) {
    this.#output = output;
    this.#isShown = output.isTerminal.stderr && !(streams && output.isTerminal.stdout);
  }

  /** Counts a token of `total`. */
  token(total: number): void {
    this.#tokens++;
    const seconds = (performance.now() - this.#began) / 1000;
    this.#show(() => `${this.#tokens} of ${total} tokens, ${(this.#tokens / seconds).toFixed(1)} tokens/s`);
  }

  /** Shows a fraction of the work, 0 to 1. */
  share(share: number): void {
    this.#show(() => `${Math.floor(100 * share)} %`);
  }

  /** Shows a text. */
  text(text: string): void {
    this.#show(() => text);
  }

  /** Clears the line. */
  [Symbol.dispose](): void {
    if (this.#width > 0) this.#output.note(`\r${" ".repeat(this.#width)}\r`);
    this.#width = 0;
  }

  #show(line: () => string): void {
    const now = performance.now();
    if (!this.#isShown || now - this.#updated < interval) return;
    this.#updated = now;
    const text = line();
    this.#output.note(`\r${text.padEnd(this.#width)}`);
    this.#width = Math.max(this.#width, text.length);
  }
}
