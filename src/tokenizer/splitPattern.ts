/**
 * Code points in a pre-token at most. Merging bytes costs the square of a pre-token's length, and one letter repeated 100,000 times
 * would be a single pre-token. A longer run is cut here, where OpenAI's encoder would go on; nothing that people write is that long.
 */
export const MAX_PRE_TOKEN = 256;

const run = `{1,${MAX_PRE_TOKEN}}`;

/**
 * How GPT-2 (and `p50k`) cuts text before merging bytes, from `encoder.py` of github.com/openai/gpt-2, with runs bounded by
 * {@link MAX_PRE_TOKEN}. It matches every text without gaps and looks at nothing before a match, so it can start at any boundary.
 */
export const SPLIT_PATTERN = new RegExp(
  [
    "'s|'t|'re|'ve|'m|'ll|'d",
    ` ?\\p{L}${run}`,
    ` ?\\p{N}${run}`,
    ` ?[^\\s\\p{L}\\p{N}]${run}`,
    `\\s${run}(?!\\S)`,
    `\\s${run}`,
  ].join("|"),
  "gu",
);
