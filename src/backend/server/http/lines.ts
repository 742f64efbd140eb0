/**
 * Splits bytes that arrive in pieces into lines of text. Lines end in LF, CRLF or CR; a character may be cut between two pieces. Bytes that
 * are no UTF-8 become U+FFFD.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8");
  #rest = "";
  /** Whether the last piece ended in CR: an LF at the start of the next one belongs to it. */
  #afterReturn = false;

  /** The lines that are complete now, without their ends. */
  push(bytes: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The last line, if it has no end; empty if there is none. */
  end(): string {
    const lines = this.#take(this.#decoder.decode());
    const last = [...lines, this.#rest].join("\n");
    this.#rest = "";
    return last;
  }

  #take(decoded: string): string[] {
    if (decoded === "") return [];
    const text = this.#afterReturn && decoded.startsWith("\n") ? decoded.slice(1) : decoded;
    this.#afterReturn = decoded.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    return lines;
  }
}
