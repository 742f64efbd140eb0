import { budget, windowStart } from "../../../generation/prompt/window";
import type { Prompt } from "../../../generation/request";
import type { PromptParts } from "./render";

/** What a server's model can read. */
export interface WindowLimits {
  /** Tokens. */
  readonly contextLength: number;
  /** A low estimate, so that the prompt fits. */
  readonly charactersPerToken: number;
  /** Tokens that will be generated. */
  readonly maxTokens: number;
}

/** More is not sent: it would take long to read, and helps little. */
const mostTokens = 4096;
/** Tokens of the template. */
const special = 8;

/**
 * Cuts a prompt to a model's context. The start of the prefix stays at its anchor, at a line start, while the text grows, and then moves by
 * a quarter of the window, so that the server finds it in its cache. The suffix ends at a line end. The header is dropped if it would take
 * half of the prefix.
 */
export function cutToContext({ header, prefix, suffix }: Prompt, limits: WindowLimits): PromptParts {
  const context = Math.min(limits.contextLength, mostTokens);
  const tokens = budget(context, limits.maxTokens, special, suffix !== "");
  const capacity = Math.max(1, Math.floor(tokens.prefix * limits.charactersPerToken));
  const shown = header.length > capacity / 2 ? "" : header;
  const start = windowStart(prefix.length, Math.max(1, capacity - shown.length), (index) => prefix[index - 1] === "\n");
  return {
    prefix: shown + withoutHalfCharacter(prefix.slice(start)),
    suffix: cutSuffix(suffix, Math.floor(tokens.suffix * limits.charactersPerToken)),
  };
}

function cutSuffix(suffix: string, capacity: number): string {
  if (suffix.length <= capacity) return suffix;
  const lineEnd = suffix.lastIndexOf("\n", capacity);
  return suffix.slice(0, lineEnd > 0 ? lineEnd : capacity).replace(/[\ud800-\udbff]$/, "");
}

function withoutHalfCharacter(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "");
}
