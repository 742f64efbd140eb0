import { NgramTable } from "./ngramTable";

/** Tokens that followed a context, and how often; those in the file at hand count for more. */
type Followers = ReadonlyMap<number, number>;

/** Longest n-gram. */
const order = 5;
/** What an n-gram of the text at hand counts against one of the training text: code repeats what is near. */
const fileWeight = 4;

/**
 * What an n-gram model expects next: the frequencies after the last one, two, three and four tokens, in the training text and in the text at
 * hand together, each interpolated with the shorter one as Witten and Bell (1991) do: p(w|h) = (c(hw) + T(h)·p(w|h')) / (c(h) + T(h)) with T(h)
 * different tokens after h.
 */
export class NgramPredictor {
  readonly #table: NgramTable;
  readonly #unigrams: Float64Array;
  /** What followed single tokens, which takes long to count. */
  readonly #behindOne = new Map<number, Followers>();

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

  /** The probabilities `[V]` of the tokens after a text. */
  predict(text: readonly number[]): Float64Array {
    const probabilities = this.#unigrams.slice();
    const inFile = followersInText(text);
    for (let length = 1; length < order && length <= text.length; length++) {
      const trained = this.#followers(text.slice(-length));
      const near = inFile[length] ?? new Map<number, number>();
      if (trained.size + near.size === 0) break;
      interpolate(probabilities, trained, near);
    }
    return probabilities;
  }

  #followers(context: readonly number[]): Followers {
    const [token = -1, ...more] = context;
    if (more.length > 0) return this.#table.followers(context);
    const followers = this.#behindOne.get(token) ?? this.#table.followers(context);
    this.#behindOne.set(token, followers);
    return followers;
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

/**
 * @param probabilities by a shorter context, changed to those by the context that the followers are of
 * @param near followers in the text at hand
 */
function interpolate(probabilities: Float64Array, trained: Followers, near: Followers): void {
  let different = trained.size;
  for (const token of near.keys()) if (!trained.has(token)) different++;
  const total = different + sum(trained.values()) + fileWeight * sum(near.values());
  const shorter = different / total;
  for (let token = 0; token < probabilities.length; token++) {
    probabilities[token] = (probabilities[token] as number) * shorter;
  }
  const add = (token: number, count: number) => (probabilities[token] = (probabilities[token] ?? 0) + count / total);
  for (const [token, count] of trained) add(token, count);
  for (const [token, count] of near) add(token, fileWeight * count);
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
