import { strict as assert } from "node:assert";
import { mergePairs, type PairTable } from "../../../../src/tokenizer/byteLevel/mergePairs";
import { Random } from "../../../fuzz/random";

/** Merges by looking at all pairs again after each merge, as encoder.py does. */
function mergeSlowly(symbols: readonly number[], pairs: PairTable): number[] {
  const tokens = [...symbols];
  for (;;) {
    let [best, at] = [Infinity, -1];
    for (let i = 0; i + 1 < tokens.length; i++) {
      const rank = pairs.rank(tokens[i] ?? -1, tokens[i + 1] ?? -1) ?? Infinity;
      if (rank < best) [best, at] = [rank, i];
    }
    if (at === -1) return tokens;
    tokens.splice(at, 2, pairs.result(best));
  }
}

/** Merges of random pairs of earlier tokens, in an order that need not be that of their making. */
function randomPairs(random: Random, letters: number, count: number): PairTable {
  const ranks = new Map<string, number>();
  const results: number[] = [];
  for (let i = 0; i < count; i++) {
    ranks.set(`${random.below(letters + i)} ${random.below(letters + i)}`, i);
    results.push(letters + i);
  }
  return { rank: (left, right) => ranks.get(`${left} ${right}`), result: (rank) => results[rank] ?? -1 };
}

describe("mergePairs", () => {
  it("merges as a look at all pairs after each merge does", () => {
    const random = new Random(1);
    for (let i = 0; i < 2000; i++) {
      const letters = 1 + random.below(4);
      const pairs = randomPairs(random, letters, 1 + random.below(20));
      const symbols = Array.from({ length: random.below(60) }, () => random.below(letters));
      assert.deepEqual(mergePairs(symbols, pairs), mergeSlowly(symbols, pairs), `case ${i}: ${symbols.join(" ")}`);
    }
  });

  it("looks a few times at each byte of a run, however long that is", () => {
    for (const length of [1 << 10, 1 << 15, (1 << 17) + 1]) {
      let looks = 0;
      // Halves of a run merge, up to a run of 64.
      const pairs: PairTable = {
        rank: (left, right) => {
          looks++;
          return left === right && left < 6 ? left : undefined;
        },
        result: (rank) => rank + 1,
      };
      assert.equal(mergePairs(new Array<number>(length).fill(0), pairs).length, (length >> 6) + (length % 64));
      assert.ok(looks < 6 * length, `${looks} looks for ${length} bytes`);
    }
  });
});
