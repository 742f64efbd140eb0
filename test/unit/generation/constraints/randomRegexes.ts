import type { Random } from "../../../../src/generation/sampling/random";

const atoms = [
  ...["a", "b", "-", "é", "日", "😀", "\\.", "\\n", "\\u{1F600}", "\\x41", "\\/"],
  ...[".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "\\p{Lu}", "\\P{L}", "\\p{Script=Greek}"],
  ...["[abc]", "[^abc]", "[a-zé-ü]", "[^\\d\\s]", "[\\p{L}_-]", "[😀-😎]", "[^\\u{0}-\\u{FFFF}]", "[\\]\\\\]"],
];
const bounded = ["", "", "", "", "?", "{2}", "{1,3}", "{0,2}?"];
const quantifiers = [...bounded, "*", "+", "{2,}", "*?", "+?"];

/**
 * A regular expression of some depth, in JavaScript's syntax with the flag `u`.
 * @param nested whether groups are repeated without limit, which makes JavaScript try exponentially many ways on a long text
 */
export function randomRegex(random: Random, depth: number, nested: boolean): string {
  const count = 1 + Math.floor(random() * 3);
  const alternatives = Array.from({ length: random() < 0.3 ? 2 : 1 }, () =>
    Array.from({ length: count }, () => part(random, depth, nested)).join(""),
  );
  return alternatives.join("|");
}

function part(random: Random, depth: number, nested: boolean): string {
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? "";
  if (depth > 0 && random() < 0.35) {
    const open = pick(["(", "(?:", `(?<n${Math.floor(random() * 1e9)}>`]);
    return `${open}${randomRegex(random, depth - 1, nested)})${pick(nested ? quantifiers : bounded)}`;
  }
  return `${pick(atoms)}${pick(quantifiers)}`;
}
