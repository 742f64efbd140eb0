import type { TypedValue } from "../src/formats/gguf/write";
import type { Gpt2Weights } from "../src/gpt2/weights/weights";
import { tokenizerFor, vocabularyProblem } from "../src/tokenizer/tokenizerFor";
import { definedVocabulary } from "./definedVocabulary";
import { ggufVocabulary, noVocabulary } from "./ggufVocabulary";

/** The vocabulary of a model as metadata for a GGUF file, and why it has none, if so. */
export function vocabularyMetadata({ config, vocabulary }: Pick<Gpt2Weights, "config" | "vocabulary">): {
  readonly metadata: ReadonlyMap<string, TypedValue>;
  readonly problem: string | undefined;
} {
  const problem = vocabularyProblem(config, vocabulary);
  if (problem !== undefined) return { metadata: noVocabulary(config), problem };
  const metadata =
    vocabulary?.kind === "bytePairs"
      ? definedVocabulary(vocabulary.definition, config.vocabSize)
      : ggufVocabulary(tokenizerFor(config));
  return { metadata, problem };
}
