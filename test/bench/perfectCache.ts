/** The sequences that were ever computed, as a tree of tokens: a cache that forgets nothing. */
export class PerfectCache {
  readonly #root: TokenTree = new Map();

  /**
   * Takes in a sequence.
   * @returns how many of its tokens were not known, at least one: without running a token there are no logits.
   */
  add(tokens: readonly number[]): number {
    let node = this.#root;
    let unknown = 0;
    for (const token of tokens) {
      let next = node.get(token);
      if (!next) {
        next = new Map() as TokenTree;
        node.set(token, next);
        unknown++;
      }
      node = next;
    }
    return Math.max(1, unknown);
  }
}

type TokenTree = Map<number, TokenTree>;
