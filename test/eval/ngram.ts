import { NgramTable } from "./ngramTable";

/** Tokens that followed a context, and how often; those in the file at hand count for more. */
type Followers = ReadonlyMap<number, number>;

/** Longest n-gram. */
const order = 5;
/** What an n-gram of the text at hand counts against one of the training text: code repeats what is near. */
const fileWeight = 4;

/**
 * What an n-gram model expects next: the frequencies behind the last one, two, three and four tokens, in the training text and in the text at
 * hand together, each interpolated with the shorter one as Witten and Bell (1991) do: p(w|h) = (c(hw) + T(h)·p(w|h')) / (c(h) + T(h)) with T(h)
 * different tokens behind h.
 */
export class NgramPredictor {
  readonly #table: NgramTable;
  readonly #unigrams: Float64Array;

  /** @param tokens the training text */
  constructor(
    tokens: Int32Array,
    readonly vocabSize: number,
  ) {
    this.#table = new NgramTable(tokens, order, vocabSize);
    this.#unigrams = new Float64Array(vocabSize).fill(0.5);
    for (const token of tokens) this.#unigrams[token] = (this.#unigrams[token] ?? 0) + 1;
    const total = tokens.length + 0.5 * vocabSize;
    for (let token = 0; token < vocabSize; token++) this.#unigrams[token] = (this.#unigrams[token] ?? 0) / total;
  }

  /** The probabilities `[V]` of the tokens behind a text. */
  predict(text: readonly number[]): Float64Array {
    const probabilities = this.#unigrams.slice();
    const inFile = followersInText(text);
    for (let length = 1; length < order && length <= text.length; length++) {
      const followers = sum(this.#table.followers(text.slice(-length)), inFile[length]);
      if (followers.size === 0) break;
      interpolate(probabilities, followers);
    }
    return probabilities;
  }
}

/** What followed the last tokens of a text where they stood in it before, by how many of them there were the same. */
export function followersInText(text: readonly number[]): Followers[] {
  const found = Array.from({ length: order }, () => new Map<number, number>());
  for (let next = 1; next < text.length; next++) {
    const token = text[next] ?? -1;
    for (let length = 1; length < order && length <= next; length++) {
      if (text[next - length] !== text[text.length - length]) break;
      const followers = found[length];
      followers?.set(token, (followers.get(token) ?? 0) + 1);
    }
  }
  return found;
}

function sum(trained: Followers, inFile: Followers | undefined): Followers {
  const all = new Map(trained);
  for (const [token, count] of inFile ?? []) all.set(token, (all.get(token) ?? 0) + fileWeight * count);
  return all;
}

/** @param probabilities by a shorter context, changed to those by the context that the followers are of */
function interpolate(probabilities: Float64Array, followers: Followers): void {
  let total = followers.size;
  for (const count of followers.values()) total += count;
  const shorter = followers.size / total;
  for (let token = 0; token < probabilities.length; token++) {
    probabilities[token] = (probabilities[token] as number) * shorter;
  }
  for (const [token, count] of followers) probabilities[token] = (probabilities[token] ?? 0) + count / total;
}
