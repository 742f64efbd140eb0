/** The bytes from the first to the second one. */
export type ByteRange = readonly [from: number, to: number];

/** A set of byte strings. Rules give it names, so that it can refer to itself. */
export type Expression =
  | { readonly kind: "bytes"; readonly ranges: readonly ByteRange[] }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | { readonly kind: "repeat"; readonly part: Expression; readonly min: number; readonly max: number }
  | { readonly kind: "rule"; readonly rule: Rule };

/** A named expression. It is asked for when an automaton is built, so it may refer to rules that are made later, itself included. */
export interface Rule {
  /** For messages. */
  readonly name: string;
  readonly expression: () => Expression;
}

/** The empty string alone. */
export const empty: Expression = { kind: "sequence", parts: [] };

/** One byte string after the other, byte for byte in a range. */
export function bytes(...ranges: readonly ByteRange[]): Expression {
  return { kind: "bytes", ranges };
}

export function sequence(...parts: readonly Expression[]): Expression {
  return { kind: "sequence", parts };
}

/** Any of the options; no string at all when there is none. */
export function choice(...options: readonly Expression[]): Expression {
  return { kind: "choice", options };
}

/** @param max Infinity for no limit */
export function repeat(part: Expression, min: number, max: number): Expression {
  return { kind: "repeat", part, min, max };
}

export function optional(part: Expression): Expression {
  return choice(part, empty);
}

/** A reference to a rule. */
export function rule(name: string, expression: () => Expression): Expression {
  return { kind: "rule", rule: { name, expression } };
}

/** Exactly this text, in UTF-8. */
export function literal(text: string): Expression {
  return bytes(...Array.from(new TextEncoder().encode(text), (byte): ByteRange => [byte, byte]));
}
