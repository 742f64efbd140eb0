import { seededRandom } from "../../../../../src/generation/sampling/random";

/** A file of generated source that has much in common with others of the same generator: names, statements, blank lines, indentation. */
export function sourceGenerator(seed: number): (characters: number) => string {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const words = ["user", "count", "readFile", "index", "options", "x", "result", "état", "validateSchema", "名前", "i"];
  const names = Array.from(
    { length: 60 },
    () => pick(words) + (random() < 0.5 ? pick(["Id", "Map", "2", "_t", ""]) : ""),
  );
  const statement = (): string =>
    pick([
      () => `const ${pick(names)} = ${pick(names)}.${pick(names)}(${pick(names)}, ${pick(names)});`,
      () => `if (${pick(names)} === undefined) return ${pick(names)};`,
      () => `return ${pick(names)}(${pick(names)}) + ${Math.floor(random() * 20)};`,
      () => `// ${pick(names)} 😀 ${pick(names)}`,
      () => "",
    ])();
  return (characters) => {
    let text = "";
    while (text.length < characters) {
      const depth = Math.floor(random() * 3);
      text += `${"  ".repeat(depth)}function ${pick(names)}(${pick(names)}) {\n`;
      for (let lines = random() * 6; lines > 0; lines--) text += `${"  ".repeat(depth + 1)}${statement()}\n`;
      text += `${"  ".repeat(depth)}}\n`;
    }
    return text;
  };
}

/** Where at least two bytes of a text are those before a cursor, by comparing it with every position. Lengths in bytes, at most 128. */
export function naiveMatches(text: string, prefix: string): { readonly offset: number; readonly length: number }[] {
  const [haystack, needle] = [Buffer.from(text), Buffer.from(prefix)];
  const matches = [];
  for (let offset = 1; offset < haystack.length; offset++) {
    let length = 0;
    while (length < 128 && length < offset && length < needle.length) {
      if (haystack[offset - 1 - length] !== needle[needle.length - 1 - length]) break;
      length++;
    }
    if (length > 1 && !isInsideBlank(haystack[offset - 1], haystack[offset])) matches.push({ offset, length });
  }
  return matches;
}

function isInsideBlank(before: number | undefined, after: number | undefined): boolean {
  const [newline, space] = [0x0a, 0x20];
  return (before === space && after === space) || (before === newline && (after === space || after === newline));
}
