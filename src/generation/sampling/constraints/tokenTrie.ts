import type { Tokenizer } from "../../../tokenizer/tokenizer";

const none = -1;

/** The ordinary tokens of a vocabulary as a tree of their bytes, so that what tokens have in common is looked at once. */
export class TokenTrie {
  /** The nodes, each before those below it: its byte, its depth from 0 on, the token that ends there, and the first node after its subtree. */
  readonly #bytes: Uint8Array;
  readonly #depths: Uint16Array;
  readonly #tokens: Int32Array;
  readonly #ends: Int32Array;
  readonly #longest: number;

  constructor(tokenizer: Pick<Tokenizer, "bytes" | "tokensStartingWith">) {
    const bytes: number[] = [];
    const depths: number[] = [];
    const tokens: number[] = [];
    const ends: number[] = [];
    const open: number[] = [];
    let longest = 0;
    // In the order of their bytes, so that all tokens below a node come one after the other.
    for (const token of tokenizer.tokensStartingWith(new Uint8Array(0))) {
      const content = tokenizer.bytes(token);
      let depth = 0;
      while (depth < open.length && depth < content.length && bytes[open[depth] ?? 0] === content[depth]) depth++;
      for (const node of open.splice(depth)) ends[node] = bytes.length;
      for (; depth < content.length; depth++) {
        open.push(bytes.length);
        bytes.push(content[depth] ?? 0);
        depths.push(depth);
        tokens.push(depth === content.length - 1 ? token : none);
        ends.push(0);
      }
      longest = Math.max(longest, content.length);
    }
    for (const node of open) ends[node] = bytes.length;
    this.#bytes = Uint8Array.from(bytes);
    this.#depths = Uint16Array.from(depths);
    this.#tokens = Int32Array.from(tokens);
    this.#ends = Int32Array.from(ends);
    this.#longest = longest;
  }

  /**
   * Calls `visit` with every token that can be read from a state, and the state after it.
   * @param next the state after a byte, negative where there is none
   */
  walk(
    state: number,
    next: (state: number, byte: number) => number,
    visit: (token: number, state: number) => void,
  ): void {
    const states = new Int32Array(this.#longest + 1);
    states[0] = state;
    const count = this.#bytes.length;
    for (let node = 0; node < count;) {
      const depth = this.#depths[node] as number;
      const after = next(states[depth] as number, this.#bytes[node] as number);
      if (after < 0) {
        node = this.#ends[node] as number;
        continue;
      }
      states[depth + 1] = after;
      const token = this.#tokens[node] as number;
      if (token !== none) visit(token, after);
      node++;
    }
  }
}
