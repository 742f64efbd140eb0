import { type CharacterSet, subtract, allCharacters } from "./characterSet";
import { choice, type Expression, literal, repeat, rule, sequence } from "./expression";
import { type CharacterEncoding, utf8 } from "./utf8";

/** Characters that a JSON string holds only as escapes (RFC 8259, section 7). */
const escaped: CharacterSet = [
  [0x00, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
];

/** Characters as they are written in a JSON string. */
export const jsonCharacters: CharacterEncoding = (set) => {
  const plain = subtract(set, escaped);
  const others = subtract(set, plain);
  const escapes = others.flatMap(([from, to]) => {
    return Array.from({ length: to - from + 1 }, (_, i) => literal(escapeOf(String.fromCodePoint(from + i))));
  });
  return choice(utf8(plain), ...escapes);
};

function escapeOf(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}

/** Any character of a JSON string. */
const anyCharacter = rule("a character", () => jsonCharacters(allCharacters));

/** A JSON string with so many characters. */
export function jsonString(minLength = 0, maxLength = Infinity): Expression {
  return quoted(repeat(anyCharacter, minLength, maxLength));
}

/** A JSON string with this content, which is made with {@link jsonCharacters}. */
export function quoted(content: Expression): Expression {
  return sequence(literal('"'), content, literal('"'));
}

/** A JSON string that is none of some. */
export function jsonStringExcept(excluded: readonly string[]): Expression {
  return quoted(contentExcept(excluded.map((text) => Array.from(text))));
}

/** @param excluded what must not follow, character by character */
function contentExcept(excluded: readonly (readonly string[])[]): Expression {
  if (excluded.length === 0) return repeat(anyCharacter, 0, Infinity);
  const following = new Map<string, (readonly string[])[]>();
  for (const [first, ...rest] of excluded) {
    if (first !== undefined) following.set(first, [...(following.get(first) ?? []), rest]);
  }
  const points = Array.from(following.keys(), (character) => character.codePointAt(0) ?? 0).sort((a, b) => a - b);
  const others = subtract(
    allCharacters,
    points.map((point) => [point, point] as const),
  );
  const options = Array.from(following, ([character, rests]) =>
    sequence(literal(escapeOf(character)), contentExcept(rests)),
  );
  const mayEnd = excluded.every((characters) => characters.length > 0);
  return choice(
    sequence(jsonCharacters(others), repeat(anyCharacter, 0, Infinity)),
    ...options,
    ...(mayEnd ? [sequence()] : []),
  );
}

/** White space as people and models lay JSON out, and not without end: nothing, a space, or a line break with indentation. */
export const layout = rule("white space", () => {
  return choice(literal(""), literal(" "), sequence(literal("\n"), repeat(literal(" "), 0, 16)));
});
export const comma = sequence(literal(","), layout);
export const colon = sequence(literal(":"), choice(literal(""), literal(" ")));
