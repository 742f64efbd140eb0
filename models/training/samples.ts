import type { Random } from "../../src/generation/sampling/random";
import type { FimTokens, Tokenizer } from "../../src/tokenizer/tokenizer";
import type { CorpusFile } from "./corpus";
import { below, drawMiddle } from "./middles";

/** About, in code. */
const charactersPerToken = 3.3;
/** Shares of a row, as the extension shares out its context. The middle has the rest. */
const prefixShare = 0.64;
const suffixShare = 0.2;
/** How many samples have prefix before suffix, as other programs lay out their prompts. */
const prefixFirst = 0.1;
const withHeader = 0.75;
/** Draws of a middle until one is found. */
const draws = 4;

/** The first line that tells the model the file's path, or none. */
export function drawHeader({ lang, path }: CorpusFile, random: Random): string {
  return random() < withHeader ? `${lang === "python" ? "#" : "//"} ${path}\n` : "";
}

/** A file as running text. */
export function runningText(tokenizer: Tokenizer, file: CorpusFile, random: Random): number[] {
  return [tokenizer.endOfText, ...tokenizer.encode(drawHeader(file, random) + file.text)];
}

/**
 * A sample with a middle to fill in, of at most `length` tokens, in the layout that the extension's prompts have
 * (`src/generation/prompt/layout.ts`): the prefix and the middle are encoded as one text, so no token ends at the cursor that would not end
 * there in running text, just as with token healing.
 * @returns undefined when the file has no good middle at the places that were drawn.
 */
export function fillInTheMiddle(
  tokenizer: Tokenizer,
  fim: FimTokens,
  file: CorpusFile,
  length: number,
  random: Random,
): number[] | undefined {
  const { text } = file;
  const { prefix, middle, suffix } = cut(text, length, random) ?? {};
  if (prefix === undefined || middle === undefined || suffix === undefined) return undefined;
  const before = drawHeader(file, random) + prefix;
  const { endOfText } = tokenizer;
  const isPrefixFirst = random() < prefixFirst;
  const tokens = isPrefixFirst
    ? [fim.prefix, ...tokenizer.encode(before), fim.suffix, ...tokenizer.encode(suffix), fim.middle].concat(
        tokenizer.encode(middle),
      )
    : [fim.prefix, fim.suffix, ...tokenizer.encode(suffix), fim.middle, ...tokenizer.encode(before + middle)];
  const sample = [endOfText, ...tokens, endOfText];
  return sample.length <= length ? sample : undefined;
}

function cut(text: string, length: number, random: Random): Record<"prefix" | "middle" | "suffix", string> | undefined {
  const characters = length * charactersPerToken;
  const longest = (1 - prefixShare - suffixShare) * characters;
  for (let draw = 0; draw < draws; draw++) {
    const found = drawMiddle(text, random);
    if (found === undefined || found.end - found.start > longest) continue;
    const { start, end } = found;
    const from = startOfWindow(text, start - Math.floor(prefixShare * characters * (0.4 + 0.6 * random())), start);
    const suffixLength = Math.floor(suffixShare * characters * (0.2 + 0.8 * random()));
    return {
      prefix: text.slice(from, start),
      middle: text.slice(start, end),
      suffix: text.slice(end, end + suffixLength),
    };
  }
  return undefined;
}

/** The first line start behind `earliest`, as in the extension's window. */
function startOfWindow(text: string, earliest: number, cursor: number): number {
  if (earliest <= 0) return 0;
  const lineEnd = text.indexOf("\n", earliest);
  return lineEnd >= 0 && lineEnd < cursor ? lineEnd + 1 : earliest;
}

/** How many samples a file is worth: about one for each row that its text would fill. */
export function samplesIn(text: string, length: number, random: Random): number {
  const rows = text.length / charactersPerToken / length;
  return Math.floor(rows) + (below(1000, random) < 1000 * (rows % 1) ? 1 : 0);
}
