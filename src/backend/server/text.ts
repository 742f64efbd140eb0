import { stopCondition, type StopCondition } from "../../generation/decoding/stops";
import type { FinishReason, StopRule } from "../../generation/request";
import { withoutTyped } from "./healing";

/** How an answer becomes a text. */
export interface TextRules {
  /** What the answer repeats of the prompt. */
  readonly typed: string;
  /** Where the text ends by itself. */
  readonly doneAt: StopCondition;
}

/** The rules of a completion. */
export function completionRules(
  typed: string,
  rule: StopRule,
  around: { readonly prefix: string; readonly suffix: string },
): TextRules {
  return { typed, doneAt: stopCondition(rule, around) };
}

/** A text that grows by the pieces of an answer, until it is done by its own rules or the server's. */
export class ServerText {
  readonly #rules: TextRules;
  readonly #pieces: number[] = [];
  readonly #numbers = new Map<string, number>();
  #answer = "";
  #keep: number | undefined;

  constructor(rules: TextRules) {
    this.#rules = rules;
  }

  get text(): string {
    return withoutTyped(this.#answer, this.#rules.typed).slice(0, this.#keep);
  }

  /** Pieces so far, which are about as many as tokens. */
  get pieces(): number {
    return this.#pieces.length;
  }

  /** @returns whether the text goes on */
  add(piece: string): boolean {
    if (piece === "" || this.#keep !== undefined) return this.#keep === undefined;
    this.#answer += piece;
    this.#pieces.push(this.#numberOf(piece));
    const text = withoutTyped(this.#answer, this.#rules.typed);
    this.#keep = this.#rules.doneAt(text, this.#pieces);
    return this.#keep === undefined;
  }

  /** Why the text ended. @param server the server's reason */
  finish(server: FinishReason): FinishReason {
    return this.#keep === undefined ? server : "stop";
  }

  /** Equal pieces have equal numbers: the stop rule looks for repetitions among them as among tokens. */
  #numberOf(piece: string): number {
    const known = this.#numbers.get(piece) ?? this.#numbers.size;
    this.#numbers.set(piece, known);
    return known;
  }
}
