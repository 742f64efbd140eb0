/** Characters that would not be seen, or would change how their surroundings are drawn, and what stands for them. */
const symbols: Readonly<Record<string, string>> = { " ": "·", "\n": "↵", "\t": "→", "\r": "␍" };

/**
 * Text with its white space made visible, and with control and direction characters as their code points, so that what is shown is
 * what the token holds.
 */
export function visibleText(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]/gu, (character) => symbols[character] ?? codePoint(character));
}

function codePoint(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/**
 * What a token adds to the document at the cursor: nothing if it is no text (part of a character, or something that only the model
 * knows) or if it is there already.
 * @param rolledBack the end of the document that the token was chosen for anew
 */
export function insertion(text: string, rolledBack = ""): string {
  if (text.includes("\uFFFD") || /^<\|\w+\|>$/.test(text)) return "";
  return text.startsWith(rolledBack) ? text.slice(rolledBack.length) : "";
}

/** A probability as a percentage with three digits at most: `97.1 %`, `0.02 %`, `< 0.01 %`. */
export function percent(probability: number): string {
  const value = probability * 100;
  if (value > 0 && value < 0.01) return "< 0.01 %";
  return `${value.toFixed(value < 10 ? 2 : 1)} %`;
}

/** Milliseconds with as many digits as say something: `0.42 ms`, `7.5 ms`, `812 ms`, `3.4 s`. */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms.toFixed(ms < 1 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

/** A size as people say it: `31.4 MB`. */
export function byteSize(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e3).toFixed(1)} kB`;
}

/** Tokens per second, or a dash where nothing was measured. */
export function tokensPerSecond(tokens: number, ms: number): string {
  return tokens > 0 && ms > 0 ? ((tokens / ms) * 1000).toFixed(1) : "–";
}

/** How long ago something was used: `3 s`, `12 min`. */
export function age(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** A logit with three decimal places; a dash for a token that cannot be chosen. */
export function logit(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

/** Information: `3.2 bits`. */
export function bits(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} bits`;
}

/** A number of a tensor with seven digits at most; `none` for one that is not finite. */
export function tensorNumber(value: number | null): string {
  return value === null ? "none" : String(Number(value.toPrecision(7)));
}

/** A difference or a tolerance: `2.4e-7`; `none` where nothing could be compared. */
export function scientific(value: number | null): string {
  if (value === null) return "none";
  return value === 0 ? "0" : value.toExponential(1);
}

/** A shape or an index: `[12, 64]`. */
export function brackets(numbers: readonly number[]): string {
  return `[${numbers.join(", ")}]`;
}
