/** Control characters, and the marks that change the direction of text: a terminal or an editor acts on them instead of showing them. */
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text from a file as it can be shown to a person: control characters as escapes (`\u001b`), and no longer than `length` characters.
 */
export function printable(text: string, length = 200): string {
  const short = text.length > length ? `${text.slice(0, length)}…` : text;
  return short.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
