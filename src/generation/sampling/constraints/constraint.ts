import type { Tokenizer } from "../../../tokenizer/tokenizer";
import { CompiledConstraint } from "./compiled";
import type { Expression } from "./expression";
import { schemaExpression } from "./jsonSchema/compile";
import type { JsonSchema } from "./jsonSchema/schema";
import { regexExpression } from "./regex";
import { TokenTrie } from "./tokenTrie";
import { utf8 } from "./utf8";

/** What a generated text must match, all of it: a regular expression in JavaScript's syntax, or a JSON schema. */
export type Constraint =
  { readonly kind: "regex"; readonly pattern: string } | { readonly kind: "jsonSchema"; readonly schema: JsonSchema };

/** @throws InputError for a constraint that is wrong or not supported. */
export function constraintExpression(constraint: Constraint): Expression {
  switch (constraint.kind) {
    case "regex":
      return regexExpression(constraint.pattern, utf8, "whole");
    case "jsonSchema":
      return schemaExpression(constraint.schema);
  }
}

/** Constraints that are kept, at most. */
const remembered = 8;
/** A constraint that has built more states than this is built anew the next time, which frees what they take. */
const manyStates = 20_000;

/** The constraints that were lately used with a vocabulary, ready to use. */
export class ConstraintCache {
  /** The most recently used last. */
  readonly #compiled = new Map<string, CompiledConstraint>();
  #trie: TokenTrie | undefined;
  readonly #tokenizer: Tokenizer;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** @throws InputError for a constraint that is wrong, not supported, too large, or that no text satisfies. */
  get(constraint: Constraint): CompiledConstraint {
    const key = JSON.stringify(constraint);
    const known = this.#compiled.get(key);
    this.#compiled.delete(key);
    const usable = known && known.size <= manyStates ? known : this.#compile(constraint);
    this.#compiled.set(key, usable);
    for (const oldest of this.#compiled.keys()) {
      if (this.#compiled.size <= remembered) break;
      this.#compiled.delete(oldest);
    }
    return usable;
  }

  #compile(constraint: Constraint): CompiledConstraint {
    this.#trie ??= new TokenTrie(this.#tokenizer);
    return new CompiledConstraint(constraintExpression(constraint), this.#tokenizer, this.#trie);
  }
}
