import type { Cursor } from "../cursor";
import { isProse } from "../languages";
import type { Filter } from "./insertionContext";

/** Characters before the cursor in which a sentence that is repeated is looked for. */
const lookedAt = 4096;
/** A shorter sentence may come again. */
const shortestRepeated = 20;
/** Fewer signs without a word are not worth showing; more may underline a heading. */
const shortestSigns = 3;
/** Lines that are at least so long, or at most, may be wrapped by hand. */
const shortestWrapped = 40;
const longestWrapped = 132;
/** Characters that the longest word at a wrapped line's end may have lacked. */
const wrapSlack = 20;

/** Abbreviations and initials: a full stop after them ends no sentence. */
const abbreviation =
  /(?:^|[\s(])(?:\p{L}|e\.g|i\.e|etc|vs|cf|ca|approx|no|fig|sec|ch|vol|pp?|mr|mrs|ms|dr|prof|st|\d+)\.$/iu;
/** What ends a sentence, with closing quotes, brackets and emphasis. In Chinese and Japanese no blank follows. */
const sentenceEnd = /[.!?…]+["'”’)\]*_`]*(?=\s|$)|[。！？]+[」』）”]*/gu;

/** Ends prose after a sentence, before a column at which the paragraph is wrapped, and before a sentence that was written already. */
export const stopInProse: Filter = (text, { cursor, typed }) => {
  if (!isProse(cursor.languageId)) return text;
  const kept = beforeWrapColumn(untilSentenceEnd(text), cursor);
  const sentence = kept.trim();
  const isRepeated = sentence.length >= shortestRepeated && cursor.before.slice(-lookedAt).includes(sentence);
  return isRepeated || (sentence.length < shortestSigns && !/[\p{L}\p{N}]/u.test(typed + sentence)) ? "" : kept;
};

function untilSentenceEnd(text: string): string {
  for (const { 0: end, index } of text.matchAll(sentenceEnd)) {
    const sentence = text.slice(0, index + end.length);
    if (!abbreviation.test(text.slice(0, index + 1))) return sentence;
  }
  return text;
}

/** In a paragraph that is wrapped by hand, a text ends where its line does. */
function beforeWrapColumn(text: string, cursor: Cursor): string {
  const column = wrapColumn(cursor);
  const { linePrefix } = cursor;
  if (column === undefined || linePrefix.length + text.length <= column) return text;
  const left = Math.max(0, column - linePrefix.length);
  const end = text.slice(0, left + 1).search(/\s+\S*$/);
  return end < 0 ? "" : text.slice(0, end);
}

/** The length of the longest of the lines above, if all of them are about that long; two lines at least. */
function wrapColumn({ before, linePrefix }: Cursor): number | undefined {
  let [count, longest, shortest] = [0, 0, Infinity];
  for (let end = before.length - linePrefix.length - 1; end >= 0;) {
    const start = end === 0 ? 0 : before.lastIndexOf("\n", end - 1) + 1;
    const line = before.slice(start, end);
    if (line.trim() === "") break;
    if (line.length > longestWrapped || line.length < shortestWrapped - wrapSlack) return undefined;
    count++;
    longest = Math.max(longest, line.length);
    shortest = Math.min(shortest, line.length);
    end = start - 1;
  }
  const isWrapped = count >= 2 && longest >= shortestWrapped && shortest >= longest - wrapSlack;
  return isWrapped ? longest : undefined;
}
