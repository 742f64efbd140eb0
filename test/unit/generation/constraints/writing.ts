import { type Constraint, ConstraintCache } from "../../../../src/generation/sampling/constraints/constraint";
import { argmax } from "../../../../src/generation/sampling/largest";
import type { Random } from "../../../../src/generation/sampling/random";
import { FakeTokenizer } from "../fakes";

const tokenizer = new FakeTokenizer();

/** A text that a model without any sense writes under a constraint, with at most so many tokens; undefined when it is not finished. */
export function writtenAtRandom(constraint: Constraint, random: Random, maxTokens: number): string | undefined {
  const text = new ConstraintCache(tokenizer).get(constraint).start();
  const tokens: number[] = [];
  while (!text.isComplete) {
    if (tokens.length === maxTokens) {
      if (text.isSatisfied) break;
      return undefined;
    }
    const logits = Float32Array.from({ length: tokenizer.vocabSize }, () => random());
    text.apply(logits, maxTokens - tokens.length);
    const token = argmax(logits);
    if (token === tokenizer.endOfText) break;
    tokens.push(token);
    text.accept(token);
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
    Buffer.concat(tokens.map((token) => tokenizer.bytes(token))),
  );
}
