/** Operators and punctuation after which a statement goes on, and the blanks around them. */
const operators = /[\s=+\-*/%&|^<>?:,.~!@$#\\]+$/;

/** Words after which a statement goes on. */
const words = [
  ...["and", "as", "async", "await", "case", "class", "const", "def", "default", "do", "elif", "else", "except"],
  ...["export", "extends", "fn", "for", "from", "func", "function", "if", "implements", "import", "in", "instanceof"],
  ...["is", "lambda", "let", "match", "new", "not", "of", "or", "raise", "return", "switch", "throw", "typeof"],
  ...["unless", "var", "when", "where", "while", "with", "yield"],
];
const word = new RegExp(`(?<![\\p{L}\\p{N}_$.])(?:${words.join("|")})$`, "u");

/** A text without the operators and words at its end that ask for more, as in `x = a +` and `open(path) as`. */
export function withoutDanglingEnd(text: string): string {
  for (;;) {
    const shorter = text.replace(operators, "").replace(word, "");
    if (shorter === text) return text;
    text = shorter;
  }
}
