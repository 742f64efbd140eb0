import { type AST, RegExpParser, RegExpSyntaxError } from "@eslint-community/regexpp";
import { InputError } from "../../errors";
import { charactersOf } from "./characterClass";
import { allCharacters } from "./characterSet";
import { choice, empty, type Expression, repeat, sequence } from "./expression";
import type { CharacterEncoding } from "./utf8";

/** Whether the expression is to match the whole text, or only something in it, as JSON Schema's `pattern` does. */
export type MatchMode = "whole" | "anywhere";

/**
 * The texts that a regular expression matches, in JavaScript's syntax with the flag `u`. Lookaround, word boundaries and backreferences,
 * which are not regular or look at more than one place, are not supported; `^` and `$` are where the text begins and ends.
 * @param encode how the text's characters are written
 * @throws InputError for an expression that is wrong or not supported.
 */
export function regexExpression(source: string, encode: CharacterEncoding, mode: MatchMode): Expression {
  const { alternatives } = parse(source);
  const anything = repeat(encode(allCharacters), 0, Infinity);
  return choice(
    ...alternatives.map(({ elements }) => {
      const anchoredStart = isEdge(elements[0], "start");
      const anchoredEnd = isEdge(elements.at(-1), "end");
      const inner = alternative(elements, { encode, start: true, end: true });
      if (mode === "whole") return inner;
      return sequence(anchoredStart ? empty : anything, inner, anchoredEnd ? empty : anything);
    }),
  );
}

function parse(source: string): AST.Pattern {
  try {
    return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, { unicode: true });
  } catch (error) {
    if (error instanceof RegExpSyntaxError) throw new InputError(error.message);
    throw error;
  }
}

interface Surroundings {
  readonly encode: CharacterEncoding;
  /** Whether nothing can come before or after a part. */
  readonly start: boolean;
  readonly end: boolean;
}

function alternative(elements: readonly AST.Element[], around: Surroundings): Expression {
  const last = elements.length - 1;
  return sequence(
    ...elements.map((element, i) =>
      elementExpression(element, { ...around, start: around.start && i === 0, end: around.end && i === last }),
    ),
  );
}

function elementExpression(element: AST.Element, around: Surroundings): Expression {
  switch (element.type) {
    case "Character":
    case "CharacterSet":
    case "CharacterClass":
      return around.encode(charactersOf(element));
    case "Group":
      if (element.modifiers) throw unsupported(element);
      return choice(...element.alternatives.map(({ elements }) => alternative(elements, around)));
    case "CapturingGroup":
      return choice(...element.alternatives.map(({ elements }) => alternative(elements, around)));
    case "Quantifier": {
      const { min, max } = element;
      return repeat(elementExpression(element.element, { ...around, start: false, end: false }), min, max);
    }
    case "Assertion":
      if (isEdge(element, "start") && around.start) return empty;
      if (isEdge(element, "end") && around.end) return empty;
      throw unsupported(element);
    case "Backreference":
    case "ExpressionCharacterClass":
      throw unsupported(element);
  }
}

function isEdge(element: AST.Element | undefined, kind: "start" | "end"): boolean {
  return element?.type === "Assertion" && element.kind === kind;
}

function unsupported({ raw }: AST.Element): InputError {
  return new InputError(`“${raw}” is not supported in a regular expression that constrains a text.`);
}
