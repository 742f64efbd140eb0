import { IncrementalEncoder } from "../../tokenizer/incrementalEncoder";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { Prompt } from "../request";
import { SuffixAnchor } from "./suffixAnchor";
import { budget, windowStart } from "./window";

/** What the model reads for a prompt. */
export interface PromptTokens {
  readonly tokens: readonly number[];
  /** How many of them stand before the text: special tokens, suffix and header. They stay when the window moves. */
  readonly head: number;
}

const newline = 0x0a;
/** About, in code. */
const charactersPerToken = 3;
/** A context shorter than this has no room for a suffix. */
const smallestSplit = 64;

/**
 * Turns prompts into tokens, in the layout that the bundled model was trained with:
 *
 *     <|endoftext|><|fim_prefix|><|fim_suffix|>{suffix}<|fim_middle|>{header}{prefix}
 *     <|endoftext|>{header}{prefix}                                    without suffix or fill-in-the-middle tokens
 *
 * Suffix before prefix keeps all that is before the cursor append-only, so a keystroke adds tokens at the end. Header and prefix are
 * encoded as one text. A text of any length fits: the suffix is cut at its end, the prefix begins at {@link windowStart}.
 * The texts of the last prompt are remembered, so that a prompt costs what changed in it.
 */
export class PromptEncoder {
  readonly #prefixes: IncrementalEncoder;
  readonly #suffixes: SuffixAnchor;

  constructor(private readonly tokenizer: Tokenizer) {
    this.#prefixes = new IncrementalEncoder(tokenizer);
    this.#suffixes = new SuffixAnchor(tokenizer);
  }

  /**
   * @param maxTokens what is to be written behind the prompt, for which room is left.
   * @param growth looks ahead: the window is that of a text so many tokens longer, at most a sixteenth of the context.
   */
  encode(prompt: Prompt, contextLength: number, maxTokens: number, growth = 0): PromptTokens {
    const { endOfText } = this.tokenizer;
    const fim = prompt.suffix === "" || contextLength < smallestSplit ? undefined : this.tokenizer.fim;
    const room = budget(contextLength, maxTokens, fim ? 4 : 1, fim !== undefined);
    const before = fim
      ? [endOfText, fim.prefix, fim.suffix, ...this.#suffixes.encode(prompt.suffix, room.suffix), fim.middle]
      : [endOfText];
    const { header, text } = this.#encodePrefix(prompt, contextLength, room.prefix, growth);
    return { tokens: [...before, ...header, ...text], head: before.length + header.length };
  }

  /** Header and prefix as tokens, at most `capacity` of them. The header goes when it would take more than half. */
  #encodePrefix(
    { header, prefix }: Prompt,
    contextLength: number,
    capacity: number,
    growth: number,
  ): { header: readonly number[]; text: readonly number[] } {
    const text = cutLongText(prefix, contextLength, charactersPerToken * growth);
    const headerTokens = this.tokenizer.encode(header);
    if (headerTokens.length > capacity / 2) {
      return { header: [], text: moveWindow(this.#prefixes.encode(text), 0, this.tokenizer, capacity, growth) };
    }
    const joint = this.#prefixes.encode(header + text);
    const headerEnd = Math.max(tokensCovering(header, joint, this.tokenizer), headerTokens.length);
    const moved = moveWindow(joint, headerEnd, this.tokenizer, capacity, growth);
    if (moved.length === joint.length) return { header: joint.slice(0, headerEnd), text: joint.slice(headerEnd) };
    return { header: headerTokens, text: moved.slice(headerEnd) };
  }
}

/**
 * A sequence that is longer than `capacity` (or will be, when it has grown by `growth`) without the start of its text: the first `head`
 * tokens, then the text from {@link windowStart} on. A sequence that fits comes back as it is.
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

/** Whether a line begins exactly where this token does, and is not an empty one. */
function beginsLine(tokens: readonly number[], index: number, tokenizer: Tokenizer): boolean {
  const before = tokens[index - 1];
  const token = tokens[index];
  if (before === undefined || token === undefined) return false;
  return tokenizer.bytes(before).at(-1) === newline && tokenizer.bytes(token)[0] !== newline;
}

/** How many of the first tokens hold the bytes of `text`, with which they begin. */
function tokensCovering(text: string, tokens: readonly number[], tokenizer: Tokenizer): number {
  let missing = new TextEncoder().encode(text).length;
  let count = 0;
  while (missing > 0 && count < tokens.length) missing -= tokenizer.bytes(tokens[count++] ?? 0).length;
  return count;
}

/**
 * Saves encoding megabytes of which a window could hold only the end. Cuts in steps of eight characters for each position of the
 * context, at a line start, so the cut too stays where it is while the text grows.
 * @param growth characters by which the text is expected to grow.
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
