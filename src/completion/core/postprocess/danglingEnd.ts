/** A sign of operators and punctuation after which a statement goes on, or a blank. */
const operator = /[\s=+\-*/%&|^<>?:,.~!@$#\\]/;

/** Words after which a statement goes on. */
const words = [
  ...["and", "as", "async", "await", "case", "class", "const", "def", "default", "do", "elif", "else", "except"],
  ...["export", "extends", "fn", "for", "from", "func", "function", "if", "implements", "import", "in", "instanceof"],
  ...["is", "lambda", "let", "match", "new", "not", "of", "or", "raise", "return", "switch", "throw", "typeof"],
  ...["unless", "var", "when", "where", "while", "with", "yield"],
];
const word = new RegExp(`(?<![\\p{L}\\p{N}_$.])(?:${words.join("|")})$`, "u");
/** Characters that the longest word and the one before it take: lines may be very long. */
const lookedAt = Math.max(...words.map(({ length }) => length)) + 2;

/** A text without the operators and words at its end that ask for more, as in `x = a +` and `open(path) as`. */
export function withoutDanglingEnd(text: string): string {
  let end = text.length;
  for (;;) {
    const before = end;
    while (end > 0 && operator.test(text.charAt(end - 1))) end--;
    end -= word.exec(text.slice(Math.max(0, end - lookedAt), end))?.[0].length ?? 0;
    if (end === before) return text.slice(0, end);
  }
}
