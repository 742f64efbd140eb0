import type { Tokenizer, TokenStream } from "./tokenizer";

/** A stream of text from tokens of `tokenizer`. After {@link TokenStream.end} it can be used for another text. */
export function tokenStream(tokenizer: Tokenizer): TokenStream {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push: (...tokens) => tokens.map((token) => decoder.decode(tokenizer.bytes(token), { stream: true })).join(""),
    end: () => decoder.decode(),
  };
}
