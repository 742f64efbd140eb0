import { BytePairTokenizer } from "../bytePairTokenizer";
import type { SplitExpression } from "../cut";
import { TextSplitter } from "../textSplitter";
import { Vocabulary } from "../vocabulary";
import { UnusableVocabulary, type VocabularyDefinition } from "./definition";
import { byteLetters, fromLetters } from "./letters";
import { mergePairs, type PairTable } from "./mergePairs";
import { splitExpression } from "./pattern";

/**
 * The tokenizer of a vocabulary that a model brings.
 * @param vocabSize rows of the model's embedding table
 * @throws UnusableVocabulary when a pattern cannot be used, or the model has fewer rows than there are tokens
 */
export function definedTokenizer(name: string, definition: VocabularyDefinition, vocabSize: number): BytePairTokenizer {
  const { tokens, added, split, startOfText, endOfText, fim } = definition;
  const expressions = checkDefinition(definition, vocabSize);
  const ordinary = tokens.map((token) => (token === undefined ? undefined : (fromLetters(token) ?? token)));
  const special = new Map<string, number>();
  for (const { id, content, special: isSpecial } of added) {
    ordinary[id] = isSpecial ? undefined : content;
    if (isSpecial) special.set(content, id);
  }
  const inText = added.filter(({ special: isSpecial }) => !isSpecial);
  return new BytePairTokenizer({
    name,
    vocabulary: new Vocabulary(ordinary, special, vocabSize),
    startOfText,
    endOfText,
    fim,
    splitter: new TextSplitter(expressions, inText),
    merge: merger(definition),
    normalize: (text) => normalized(text, split),
  });
}

/**
 * Checks a vocabulary without building a tokenizer of it.
 * @returns the expressions that text is split by
 * @throws UnusableVocabulary as {@link definedTokenizer}
 */
export function checkDefinition(
  { tokens, added, split }: VocabularyDefinition,
  vocabSize: number,
): readonly SplitExpression[] {
  const size = added.reduce((most, { id }) => Math.max(most, id + 1), tokens.length);
  if (size > vocabSize) throw new UnusableVocabulary(`it has ${size} tokens, and the model only ${vocabSize}`);
  return split.patterns.map(splitExpression);
}

function normalized(text: string, { normalization, addsPrefixSpace }: VocabularyDefinition["split"]): string {
  const inForm = normalization.reduce((changed, form) => changed.normalize(form), text);
  return addsPrefixSpace && inForm !== "" && !inForm.startsWith(" ") ? ` ${inForm}` : inForm;
}

function merger({
  tokens,
  merges,
  ignoresMerges,
  unknown,
}: VocabularyDefinition): (piece: string) => readonly number[] {
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) if (token !== undefined) ids.set(token, id);
  const byteIds = byteLetters.map((letter) => ids.get(letter));
  const pairs = pairTable(merges, tokens.length);
  const encoder = new TextEncoder();
  return (piece) => {
    const bytes = encoder.encode(piece);
    if (ignoresMerges) {
      const whole = ids.get(Array.from(bytes, (byte) => byteLetters[byte]).join(""));
      if (whole !== undefined) return [whole];
    }
    const symbols: number[] = [];
    let isUnknown = false;
    for (const byte of bytes) {
      const id = byteIds[byte];
      if (id !== undefined) symbols.push(id);
      else if (unknown && !(unknown.fused && isUnknown)) symbols.push(unknown.token);
      isUnknown = id === undefined;
    }
    return mergePairs(symbols, pairs);
  };
}

/** @param size one more than the largest id */
function pairTable(merges: Int32Array, size: number): PairTable {
  const ranks = new Map<number, number>();
  for (let rank = 0; 3 * rank < merges.length; rank++) {
    ranks.set((merges[3 * rank] as number) * size + (merges[3 * rank + 1] as number), rank);
  }
  return {
    rank: (left, right) => ranks.get(left * size + right),
    result: (rank) => merges[3 * rank + 2] as number,
  };
}
