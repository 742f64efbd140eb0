const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

/** A grammar of llama.cpp (GBNF) for all texts that begin with one. */
export function grammarBeginningWith(text: string): string {
  return `root ::= "${text.replace(/["\\\n\r\t]/g, (character) => escapes[character] ?? character)}" [^\\x00]*`;
}
