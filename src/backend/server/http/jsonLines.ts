import { LineSplitter } from "./lines";

/** Parses JSON lines that arrive in pieces: one text of JSON a line. The last line may lack its end. */
export class JsonLinesParser {
  readonly #lines = new LineSplitter();

  /** The lines that are complete now. */
  push(bytes: Uint8Array): string[] {
    return this.#lines.push(bytes).filter(isFilled);
  }

  /** What is left when the stream has ended. */
  end(): string[] {
    return [this.#lines.end()].filter(isFilled);
  }
}

function isFilled(line: string): boolean {
  return line.trim() !== "";
}
