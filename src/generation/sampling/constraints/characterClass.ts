import type { AST } from "@eslint-community/regexpp";
import { InputError } from "../../errors";
import { type CharacterSet, characterSet, type CodePointRange, complement, propertySet } from "./characterSet";

const digits: CharacterSet = [[0x30, 0x39]];
const word = characterSet([...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]);
/** ECMA-262, WhiteSpace and LineTerminator. */
const space = characterSet([
  [0x09, 0x0d],
  ...[0x20, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff].map((point): CodePointRange => [
    point,
    point,
  ]),
  [0x2000, 0x200a],
]);
/** All but ECMA-262's LineTerminator. */
const any = complement(
  characterSet([
    [0x0a, 0x0a],
    [0x0d, 0x0d],
    [0x2028, 0x2029],
  ]),
);

/** The characters that a part of a regular expression matches. @throws InputError for a class that is not supported. */
export function charactersOf(part: AST.Character | AST.CharacterSet | AST.CharacterClass): CharacterSet {
  switch (part.type) {
    case "Character":
      return characterSet([[part.value, part.value]]);
    case "CharacterSet":
      return escapedSet(part);
    case "CharacterClass": {
      const set = characterSet(part.elements.flatMap(rangesOf));
      return part.negate ? complement(set) : set;
    }
  }
}

function escapedSet(part: AST.CharacterSet): CharacterSet {
  switch (part.kind) {
    case "any":
      return any;
    case "digit":
      return part.negate ? complement(digits) : digits;
    case "space":
      return part.negate ? complement(space) : space;
    case "word":
      return part.negate ? complement(word) : word;
    case "property":
      return propertySet(part.raw);
  }
}

function rangesOf(element: AST.CharacterClass["elements"][number]): readonly CodePointRange[] {
  switch (element.type) {
    case "Character":
    case "CharacterSet":
    case "CharacterClass":
      return charactersOf(element);
    case "CharacterClassRange":
      return [[element.min.value, element.max.value]];
    case "ClassStringDisjunction":
    case "ExpressionCharacterClass":
      throw new InputError(`“${element.raw}” is not supported in a regular expression that constrains a text.`);
  }
}
