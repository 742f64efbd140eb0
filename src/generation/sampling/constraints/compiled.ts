import type { Tokenizer } from "../../../tokenizer/tokenizer";
import { InputError } from "../../errors";
import { Automaton, dead } from "./automaton";
import type { Expression } from "./expression";
import { buildNetwork } from "./network";
import { TokenMask } from "./tokenMask";
import type { TokenTrie } from "./tokenTrie";

/** The tokens that may follow in a state. */
interface AllowedTokens {
  readonly mask: TokenMask;
  /** The most bytes that a text can still need after one of them. */
  readonly furthest: number;
}

/** A constraint for one vocabulary. Texts share it: what may follow in a state is worked out once. */
export class CompiledConstraint {
  readonly #automaton: Automaton;
  readonly #allowed = new Map<number, AllowedTokens>();
  readonly #tokenizer: Tokenizer;
  readonly #trie: TokenTrie;

  /** @throws InputError when no text satisfies the constraint, or it is too large. */
  constructor(expression: Expression, tokenizer: Tokenizer, trie: TokenTrie) {
    this.#tokenizer = tokenizer;
    this.#trie = trie;
    this.#automaton = new Automaton(buildNetwork(expression));
    if (this.#automaton.isEmpty) throw new InputError("No text satisfies the constraint.");
  }

  /** States that were built: what it takes in memory. */
  get size(): number {
    return this.#automaton.size;
  }

  /** A text that is to satisfy the constraint, from its beginning. */
  start(): ConstrainedText {
    return new ConstrainedText(this, 0);
  }

  isAccepting(state: number): boolean {
    return this.#automaton.isAccepting(state);
  }

  isComplete(state: number): boolean {
    return this.#automaton.isComplete(state);
  }

  /** The state after a token, or undefined when it may not follow. */
  after(state: number, token: number): number | undefined {
    if (this.#tokenizer.isSpecial(token)) return undefined;
    let next = state;
    for (const byte of this.#tokenizer.bytes(token)) {
      next = this.#automaton.next(next, byte);
      if (next === dead) return undefined;
    }
    return next;
  }

  /**
   * The tokens that may follow, end of text among them where the text may end.
   * @param tokensLeft how many tokens there may be: towards the end only those are allowed after which the text can still be completed,
   *   if each byte takes a token; if there is none, those that bring its end nearest
   */
  allowed(state: number, tokensLeft: number): TokenMask {
    const all = this.#allowed.get(state) ?? this.#collectAll(state);
    if (all.furthest < tokensLeft) return all.mask;
    const near = this.#collect(state, tokensLeft - 1);
    return near.count > 0 ? near : this.#collect(state, this.#nearest(state));
  }

  #collectAll(state: number): AllowedTokens {
    const mask = new TokenMask(this.#tokenizer.vocabSize);
    if (this.isAccepting(state)) mask.add(this.#tokenizer.endOfText);
    let furthest = 0;
    this.#walk(state, (token, after) => {
      mask.add(token);
      furthest = Math.max(furthest, this.#automaton.distance(after));
    });
    if (mask.count === 0)
      throw new InputError("The model's vocabulary has no token that goes on as the constraint asks.");
    const allowed = { mask, furthest };
    this.#allowed.set(state, allowed);
    return allowed;
  }

  /** Those after which the text needs at most so many bytes. */
  #collect(state: number, most: number): TokenMask {
    const mask = new TokenMask(this.#tokenizer.vocabSize);
    if (this.isAccepting(state)) mask.add(this.#tokenizer.endOfText);
    this.#walk(state, (token, after) => {
      if (this.#automaton.distance(after) <= most) mask.add(token);
    });
    return mask;
  }

  #nearest(state: number): number {
    let nearest = Infinity;
    this.#walk(state, (_, after) => {
      nearest = Math.min(nearest, this.#automaton.distance(after));
    });
    return nearest;
  }

  #walk(state: number, visit: (token: number, after: number) => void): void {
    const automaton = this.#automaton;
    this.#trie.walk(state, (from, byte) => automaton.next(from, byte), visit);
  }
}

/** A text that satisfies a constraint as far as it goes. */
export class ConstrainedText {
  readonly #constraint: CompiledConstraint;
  #state: number;

  constructor(constraint: CompiledConstraint, state: number) {
    this.#constraint = constraint;
    this.#state = state;
  }

  /** Whether the text satisfies the constraint and cannot go on. */
  get isComplete(): boolean {
    return this.#constraint.isComplete(this.#state);
  }

  /** Whether the text satisfies the constraint as it is. */
  get isSatisfied(): boolean {
    return this.#constraint.isAccepting(this.#state);
  }

  /** Rules out the tokens that may not follow. @param logits `[V]`, changed @param tokensLeft see {@link CompiledConstraint.allowed} */
  apply(logits: Float32Array, tokensLeft: number): void {
    this.#constraint.allowed(this.#state, tokensLeft).apply(logits);
  }

  /** Whether a token may follow. */
  allows(token: number): boolean {
    return this.#constraint.after(this.#state, token) !== undefined;
  }

  /** Notes that a token was chosen. */
  accept(token: number): void {
    this.#state = this.#constraint.after(this.#state, token) ?? this.#state;
  }

  /** The same text, to go on in another way. */
  copy(): ConstrainedText {
    return new ConstrainedText(this.#constraint, this.#state);
  }
}
