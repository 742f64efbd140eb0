import type { GenerationContext } from "../../../src/generation/context";
import { beamModel } from "../../../src/generation/beams/beamModel";
import { bestCandidates, type Hypothesis } from "../../../src/generation/beams/candidates";
import { prefill } from "../../../src/generation/decoding/prefill";
import { completionPrompt, maskFimTokens } from "../../../src/generation/prompt/completionPrompt";
import { HealingConstraint } from "../../../src/generation/prompt/tokenHealing";
import { logSumExp } from "../../../src/generation/ranking/logProbabilities";
import type { CompletionRequest } from "../../../src/generation/request";
import { largest } from "../../../src/generation/sampling/largest";

/** Longer lines are not looked for. */
const mostTokens = 24;

/** The likeliest lines at a cursor by beam search to the line's end, the likeliest first. */
export async function likelyLines(
  context: GenerationContext,
  request: CompletionRequest,
  count: number,
): Promise<string[]> {
  const { model, tokenizer } = context;
  const { kept, rolledBack } = completionPrompt(context, request);
  const typed = tokenizer.decode(rolledBack).length;
  using slot = await model.acquire(kept);
  const control = { arrivedAt: 0, signal: { aborted: false }, pause: () => Promise.resolve() };
  let logits: Float32Array = (await prefill(context, slot, kept, control))?.slice() ?? new Float32Array();
  using beams = beamModel(model, slot, kept, count);
  const vocabSize = logits.length;
  let running: readonly Hypothesis[] = [{ beam: 0, tokens: [], logProbability: 0 }];
  const ended: { readonly text: string; readonly logProbability: number }[] = [];
  for (let step = 0; step < mostTokens && running.length > 0; step++) {
    const candidates = running.flatMap((parent, row) => {
      const constraint = new HealingConstraint(rolledBack, tokenizer);
      for (const token of parent.tokens) constraint.accept(token);
      const own = logits.slice(row * vocabSize, (row + 1) * vocabSize);
      maskFimTokens(own, tokenizer);
      const allowed = constraint.apply(own);
      const total = logSumExp(allowed);
      return Array.from(largest(allowed, 2 * count), (token) => {
        return { parent, token, logProbability: parent.logProbability + (allowed[token] ?? -Infinity) - total };
      });
    });
    const next: Hypothesis[] = [];
    for (const { parent, token, logProbability } of bestCandidates(candidates, 2 * count)) {
      const text = tokenizer.decode(parent.tokens).slice(typed);
      const isEnd = tokenizer.isSpecial(token) || (text.trim() !== "" && tokenizer.decode([token]).startsWith("\n"));
      if (isEnd) ended.push({ text, logProbability });
      else if (next.length < count) next.push({ beam: parent.beam, tokens: [...parent.tokens, token], logProbability });
    }
    ended.sort((a, b) => b.logProbability - a.logProbability);
    const worst = ended[count - 1]?.logProbability ?? -Infinity;
    running = next.filter(({ logProbability }) => logProbability > worst);
    if (running.length === 0) break;
    const result = await beams.run(running.map(({ tokens, beam }) => ({ tokens, parent: beam })));
    running = running.map((hypothesis, i) => ({ ...hypothesis, beam: result.beams[i] ?? 0 }));
    logits = result.logits;
  }
  return ended.slice(0, count).map(({ text }) => text.trimEnd());
}
