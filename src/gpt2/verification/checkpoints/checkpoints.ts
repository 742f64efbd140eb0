import type { Comparison } from "./comparison";
import {
  causal,
  compareCaches,
  compareChoices,
  compareContinuations,
  compareLogits,
  compareProbabilities,
  compareSelected,
  inBothPasses,
  probabilityTemperature,
} from "./compareEvidence";
import type { ContinuationEvidence, PassEvidence } from "./evidence";
import { tap } from "../../taps";
import { allowed, allowedNorm, tolerances } from "./tolerances";

/** One of the twelve places where the engine is compared with the reference. They build on one another: the first that fails counts. */
export interface Checkpoint<Evidence> {
  readonly number: number;
  readonly name: string;
  /** What is compared, for people. */
  readonly compares: string;
  /** What to look at first when it fails. */
  readonly guidance: string;
  readonly compare: (evidence: Evidence) => readonly Comparison[];
}

export const passCheckpoints: readonly Checkpoint<PassEvidence>[] = [
  {
    number: 1,
    name: "Layer normalization",
    compares: "ln_1(x) of block 0, [S, D]",
    guidance:
      "Variance is that of the population (divided by D, not D − 1), ε is the config's layer_norm_epsilon and is added before the root; " +
      "then gain and bias of h.0.ln_1. If all is far off, look at the embeddings: row of wte plus row of wpe, positions counted from 0.",
    compare: (evidence) => inBothPasses(evidence, tap.ln1(0), allowedNorm(evidence)),
  },
  {
    number: 2,
    name: "QKV projection",
    compares: "q, k and v of block 0 after the split into heads, [S, H, hd]",
    guidance:
      "c_attn is stored [in, out] in GPT-2 (no transpose) and [out, in] in GPT-BigCode and GGUF. Columns are all of q, then k, then v; " +
      "a GPT-BigCode with one key/value head has D + 2·hd of them, one with many interleaves q, k, v head by head. Is the bias added?",
    compare: (evidence) =>
      [tap.query(0), tap.key(0), tap.value(0)].flatMap((name) =>
        inBothPasses(evidence, name, allowed(evidence.precision, tolerances.qkv)),
      ),
  },
  {
    number: 3,
    name: "KV cache state",
    compares:
      "keys and values in the cache after prefill and after a decode step, [T, kvHeads, hd]: in every layer exact copies of what was " +
      "computed, in block 0 also near the reference's",
    guidance:
      "Row i of the cache holds the k/v of token i. Look at where a step writes its first row (the length before it), at what rewinding " +
      "keeps, and whether the cache is written in place rather than into a copy.",
    compare: compareCaches,
  },
  {
    number: 4,
    name: "Attention scores",
    compares: "scaled q·kᵀ of block 0 before mask and softmax, causal part, [H, S, T]",
    guidance:
      "The scale is 1/√hd (8 only for heads of 64), not 1/√D, unless the config switches it off; scale_attn_by_inverse_layer_idx divides " +
      "by the layer's number too. Heads are slices of hd neighboring columns.",
    compare: (evidence) =>
      inBothPasses(evidence, tap.scores(0), allowed(evidence.precision, tolerances.scores), causal),
  },
  {
    number: 5,
    name: "Attention output",
    compares: "attention of block 0 after c_proj, [S, D]",
    guidance:
      "With good scores, look at the mask (a token sees itself and all before it, none after), at the softmax along the keys, at the order " +
      "in which heads are put together again, and at c_proj's orientation (it is square: a wrong one raises no error) and bias.",
    compare: (evidence) => inBothPasses(evidence, tap.attention(0), allowed(evidence.precision, tolerances.attention)),
  },
  {
    number: 6,
    name: "FFN output",
    compares: "feed-forward layer of block 0, [S, D]",
    guidance:
      "GPT-2's GELU is the tanh form (gelu_new); the erf form is 5e-4 off here and greedy text does not notice. Its input is ln_2 of the sum " +
      "with the residual. Then the orientation of c_fc and mlp.c_proj, n_inner, and both biases.",
    compare: (evidence) =>
      inBothPasses(evidence, tap.feedForward(0), allowed(evidence.precision, tolerances.feedForward)),
  },
  {
    number: 7,
    name: "First block output",
    compares: "block 0 with both residuals, [S, D]",
    guidance:
      "If 5 and 6 pass, it is a residual: x + attention(ln_1(x)), then that sum + mlp(ln_2(that sum)). Normalized values must not be added.",
    compare: (evidence) => inBothPasses(evidence, tap.block(0), allowed(evidence.precision, tolerances.block)),
  },
  {
    number: 8,
    name: "Full logits",
    compares: "logits of every token, [S, V], and on the way the other blocks' outputs and caches and ln_f",
    guidance:
      "The other blocks (the index of the largest difference begins with the block; the first that is off has the fault), ln_f, and the head: tied to wte unless the " +
      "file has an lm_head of its own and the config says that they are not tied; no bias.",
    compare: compareLogits,
  },
  {
    number: 9,
    name: "Selected logits",
    compares: "the logits that a completion gets for the prompt, against the last row of checkpoint 8's, [V]",
    guidance: "The row of the last token is wanted: index S − 1 of the tokens that were run, not of the cache.",
    compare: compareSelected,
  },
  {
    number: 10,
    name: "Argmax",
    compares: "the token chosen at temperature 0: the largest logit, the first one on ties",
    guidance:
      "A strict > while walking up keeps the first of equals; sorting or >= may not. No random number may be involved.",
    compare: compareChoices,
  },
  {
    number: 11,
    name: "Softmax",
    compares: `probabilities at temperature ${probabilityTemperature}, against a float64 softmax of the same logits, [V]`,
    guidance:
      "Divide the logits by the temperature before the softmax, subtract the largest first, and let the probabilities sum to 1.",
    compare: compareProbabilities,
  },
];

export const endToEnd: Checkpoint<ContinuationEvidence> = {
  number: 12,
  name: "End to end",
  compares: "greedy continuation with the cache, token ids",
  guidance:
    "If all before pass, look at what lies between the steps: the position of each new token, the length of the cache, and that the chosen " +
    "token is what is run next. A published continuation that is not met although the reference agrees with the engine means that the " +
    "weights are read wrongly or are not the published ones.",
  compare: compareContinuations,
};
