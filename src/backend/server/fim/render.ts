import type { FimTemplate } from "./families";

/** The text around a cursor, cut to what a model can read. */
export interface PromptParts {
  readonly prefix: string;
  /** Empty for none. */
  readonly suffix: string;
}

/**
 * Fills in a template. Servers read the special tokens in the document's own text as tokens, too: of text with such a token, only what is
 * between it and the cursor is used.
 */
export function renderPrompt({ prefix, suffix }: PromptParts, template: FimTemplate): string {
  const before = afterLast(prefix, template.tokens);
  const after = beforeFirst(suffix, template.tokens);
  const text = after === "" ? (template.withoutSuffix ?? "{prefix}") : template.text;
  return text.replace(/\{prefix\}|\{suffix\}/g, (name) => (name === "{prefix}" ? before : after));
}

function afterLast(text: string, tokens: readonly string[]): string {
  const ends = tokens.map((token) => {
    const start = text.lastIndexOf(token);
    return start < 0 ? 0 : start + token.length;
  });
  return text.slice(Math.max(0, ...ends));
}

function beforeFirst(text: string, tokens: readonly string[]): string {
  const starts = tokens.map((token) => text.indexOf(token)).filter((index) => index >= 0);
  return text.slice(0, Math.min(text.length, ...starts));
}
