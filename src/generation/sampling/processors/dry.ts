import type { DryOptions } from "../options";
import type { ProcessorFactory, VocabularyView } from "./processor";

/** A longer repetition is not measured: the penalty is prohibitive long before, and the search stays linear in the text. */
const longestMatch = 50;

/** DRY ("don't repeat yourself"), over prompt and text. */
export const dry: ProcessorFactory = ({ dry: options }, vocabulary) => {
  if (!options || options.multiplier === 0) return undefined;
  const breakers = tokensContaining(options.breakers, vocabulary);
  return (logits, { tokens }) => {
    for (const [token, length] of repetitionLengths(tokens, breakers)) {
      if (length >= options.allowedLength) logits[token] = (logits[token] ?? 0) - penalty(length, options);
    }
  };
};

function penalty(length: number, { multiplier, base, allowedLength }: DryOptions): number {
  return multiplier * base ** (length - allowedLength);
}

/** For each token that would repeat something: how many tokens before it are repeated already, at most {@link longestMatch}. */
export function repetitionLengths(tokens: readonly number[], breakers: ReadonlySet<number>): Map<number, number> {
  const lengths = new Map<number, number>();
  const last = tokens.at(-1);
  if (last === undefined || breakers.has(last)) return lengths;
  for (let i = 0; i < tokens.length - 1; i++) {
    const next = tokens[i + 1];
    if (tokens[i] !== last || next === undefined || breakers.has(next)) continue;
    const length = matchLength(tokens, i, breakers);
    if (length > (lengths.get(next) ?? 0)) lengths.set(next, length);
  }
  return lengths;
}

/** How many tokens up to `end` are the same as those at the end of `tokens`. */
function matchLength(tokens: readonly number[], end: number, breakers: ReadonlySet<number>): number {
  let length = 1;
  while (length < longestMatch && length <= end) {
    const token = tokens[end - length];
    if (token === undefined || token !== tokens[tokens.length - 1 - length] || breakers.has(token)) break;
    length++;
  }
  return length;
}

function tokensContaining(texts: readonly string[], vocabulary: VocabularyView): Set<number> {
  const found = new Set<number>();
  if (texts.length === 0) return found;
  const decoder = new TextDecoder("latin1");
  const encoder = new TextEncoder();
  const wanted = texts.map((text) => decoder.decode(encoder.encode(text)));
  for (let token = 0; token < vocabulary.vocabSize; token++) {
    const content = decoder.decode(vocabulary.bytes(token));
    if (wanted.some((text) => content.includes(text))) found.add(token);
  }
  return found;
}
