import type { FreePrompt } from "../generation/request";
import type { Output } from "./output";

/**
 * A prompt and the text after it, printed as it is written. The prompt waits for the first of the text: of a request that is refused, nothing
 * is printed.
 */
export class StreamedText {
  readonly #output: Output;
  readonly #prompt: string;
  #shown: number | undefined;

  /** @param label is printed before the prompt. Of a prompt that is no text, only what follows it is printed. */
  constructor(output: Output, prompt: FreePrompt, label = "") {
    this.#output = output;
    this.#prompt = label + (typeof prompt === "string" ? prompt : "");
  }

  /** Prints what is new in the text so far. */
  show(soFar: string): void {
    if (this.#shown === undefined) this.#output.text(this.#prompt);
    this.#output.text(soFar.slice(this.#shown ?? 0));
    this.#shown = soFar.length;
  }

  /** Prints the rest of the whole text, and ends its line. */
  end(text: string): void {
    this.show(text);
    this.#output.text("\n");
  }
}
