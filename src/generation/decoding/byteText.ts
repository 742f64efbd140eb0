/** Text that grows by the bytes of tokens. A character whose bytes have not all arrived is not there yet. */
export class ByteText {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #value = "";

  /** The text so far. */
  get value(): string {
    return this.#value;
  }

  push(bytes: Uint8Array): void {
    this.#value += this.#decoder.decode(bytes, { stream: true });
  }

  /** The whole text; bytes of an unfinished character at the end become U+FFFD. */
  end(): string {
    this.#value += this.#decoder.decode();
    return this.#value;
  }
}
