import { samplingProbabilities } from "../../generation/inspection/candidates";
import type { CandidatesRequest, NextTokens } from "../../generation/inspection/requests";
import type { NextToken } from "./protocols/protocol";

/**
 * The tokens that a server lists, as the diagnostics show them. Log-probabilities stand for the logits, which servers do not give. The
 * chances are among the listed tokens only.
 */
export function nextTokensView(
  tokens: readonly NextToken[],
  { count, sampling, search = "" }: Pick<CandidatesRequest, "count" | "sampling" | "search">,
): NextTokens {
  const sorted = tokens.toSorted((a, b) => b.logProbability - a.logProbability);
  const logits = Float32Array.from(sorted, ({ logProbability }) => logProbability);
  const chances = sampling && sorted.length > 0 ? samplingProbabilities(logits, sampling) : undefined;
  const candidates = sorted.map(({ token, text, logProbability }, i) => {
    const probability = Math.exp(logProbability);
    return { token, text, logit: logProbability, probability, chance: chances?.[i] ?? probability, rank: i + 1 };
  });
  const found = candidates.filter(
    ({ text, token }) => search === "" || text.includes(search) || String(token) === search,
  );
  return { rolledBack: "", choices: sorted.length, candidates: found.slice(0, count) };
}
