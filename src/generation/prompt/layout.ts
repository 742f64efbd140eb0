import { IncrementalEncoder } from "../../tokenizer/incrementalEncoder";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { Prompt } from "../request";
import { SuffixAnchor } from "./suffixAnchor";
import { budget, windowStart } from "./window";

/** A prompt as the model reads it. */
export interface PromptTokens {
  readonly tokens: readonly number[];
  /** How many of them come before the prefix: special tokens, suffix and header. They stay when the window moves. */
  readonly head: number;
}

const newline = 0x0a;
/** A rough average for code. */
const charactersPerToken = 3;
/** A context shorter than this, in tokens, is not shared with a suffix. */
const minContextForSuffix = 64;

/**
 * Turns prompts into tokens, in the layout that the bundled model was trained with:
 *
 *     <|endoftext|><|fim_prefix|><|fim_suffix|>{suffix}<|fim_middle|>{header}{prefix}
 *     <|endoftext|>{header}{prefix}                                    without a suffix, or for a model without these tokens
 *
 * With the suffix before the prefix, a keystroke only appends tokens. Header and prefix are encoded as one text. Texts of any length fit:
 * the suffix is cut at its end, the prefix begins at {@link windowStart}. The texts of the last prompt are remembered, so that encoding
 * costs only what changed.
 */
export class PromptEncoder {
  readonly #tokenizer: Tokenizer;
  readonly #prefixes: IncrementalEncoder;
  readonly #suffixes: SuffixAnchor;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#prefixes = new IncrementalEncoder(tokenizer);
    this.#suffixes = new SuffixAnchor(tokenizer);
  }

  /**
   * @param contextLength positions of the model
   * @param maxTokens how many tokens will be generated after the prompt; part of the context is reserved for them
   * @param growth looks ahead: the window is that of a text this many tokens longer, at most a sixteenth of the context
   */
  encode(prompt: Prompt, contextLength: number, maxTokens: number, growth = 0): PromptTokens {
    const { endOfText, startOfText = endOfText } = this.#tokenizer;
    const fim = prompt.suffix === "" || contextLength < minContextForSuffix ? undefined : this.#tokenizer.fim;
    const available = budget(contextLength, maxTokens, fim ? 4 : 1, fim !== undefined);
    const before = fim
      ? [startOfText, fim.prefix, fim.suffix, ...this.#suffixes.encode(prompt.suffix, available.suffix), fim.middle]
      : [startOfText];
    const { header, text } = this.#encodePrefix(prompt, contextLength, available.prefix, growth);
    return { tokens: [...before, ...header, ...text], head: before.length + header.length };
  }

  /** Encodes header and prefix in at most `capacity` tokens. The header is dropped if it would take more than half of them. */
  #encodePrefix(
    { header, prefix }: Prompt,
    contextLength: number,
    capacity: number,
    growth: number,
  ): { header: readonly number[]; text: readonly number[] } {
    const text = cutLongText(prefix, contextLength, charactersPerToken * growth);
    const headerTokens = this.#tokenizer.encode(header);
    if (headerTokens.length > capacity / 2) {
      return { header: [], text: moveWindow(this.#prefixes.encode(text), 0, this.#tokenizer, capacity, growth) };
    }
    const joint = this.#prefixes.encode(header + text);
    const headerEnd = Math.max(tokensCovering(header, joint, this.#tokenizer), headerTokens.length);
    const moved = moveWindow(joint, headerEnd, this.#tokenizer, capacity, growth);
    if (moved.length === joint.length) return { header: joint.slice(0, headerEnd), text: joint.slice(headerEnd) };
    return { header: headerTokens, text: moved.slice(headerEnd) };
  }
}

/**
 * Cuts the start of the text from a sequence that is longer than `capacity`, or would be after growing by `growth` tokens: the first
 * `head` tokens, then the text from {@link windowStart} on. A sequence that fits is returned unchanged.
 */
export function moveWindow(
  tokens: readonly number[],
  head: number,
  tokenizer: Tokenizer,
  capacity: number,
  growth = 0,
): readonly number[] {
  const isLineStart = (index: number) => beginsLine(tokens, head + index, tokenizer);
  const start = windowStart(tokens.length - head, Math.max(1, capacity - head), isLineStart, growth);
  return start === 0 ? tokens : [...tokens.slice(0, head), ...tokens.slice(head + start)];
}

/** Whether a line that is not empty begins exactly at this token. */
function beginsLine(tokens: readonly number[], index: number, tokenizer: Tokenizer): boolean {
  const before = tokens[index - 1];
  const token = tokens[index];
  if (before === undefined || token === undefined) return false;
  return tokenizer.bytes(before).at(-1) === newline && tokenizer.bytes(token)[0] !== newline;
}

/** How many of the first tokens are needed to cover `text`, with whose bytes they begin. */
function tokensCovering(text: string, tokens: readonly number[], tokenizer: Tokenizer): number {
  let missing = new TextEncoder().encode(text).length;
  let count = 0;
  while (missing > 0 && count < tokens.length) missing -= tokenizer.bytes(tokens[count++] ?? 0).length;
  return count;
}

/**
 * Cuts the start of a text that is far longer than the window, so that megabytes need not be encoded. It cuts at a line start and in
 * steps of eight characters per position of the context, so the cut stays in place while the text grows.
 * @param growth characters by which the text is expected to grow
 */
function cutLongText(text: string, contextLength: number, growth: number): string {
  const step = 8 * contextLength;
  const length = text.length + growth;
  if (length <= 2 * step) return text;
  const earliest = Math.floor(length / step - 1) * step;
  const lineEnd = text.lastIndexOf("\n", earliest);
  if (lineEnd > earliest - step) return text.slice(lineEnd + 1);
  return text.slice(isLowSurrogate(text, earliest) ? earliest + 1 : earliest);
}

function isLowSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xdc00;
}
