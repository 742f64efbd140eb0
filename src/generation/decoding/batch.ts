import type { Branches } from "../../gpt2/languageModel";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import type { Alternative } from "../request";
import { prefill } from "./prefill";
import type { TextWriter } from "./textWriter";

/** More texts than this are decoded in several batches. */
const maxBatch = 16;

/**
 * Whether several texts can be decoded after one prompt as a batch: the model can branch, and no text can outgrow the context.
 * @param longest tokens of the prompt and the longest text together
 */
export function canBatch({ model }: Pick<GenerationContext, "model">, longest: number): boolean {
  return model.branch !== undefined && longest <= model.config.contextLength;
}

/** The texts of a batch and what they took, as in `Timings`. */
export interface BatchResult {
  readonly texts: readonly Alternative[];
  readonly cachedTokens: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
}

/**
 * Decodes several texts after one prompt as a batch. The prompt is prefilled once, and the texts share its keys and values. Each text
 * gets the tokens that it would get on its own. If the request is cancelled, unfinished texts finish as `cancelled`.
 */
export async function decodeBatch(
  context: GenerationContext,
  prompt: readonly number[],
  writers: readonly TextWriter[],
  control: RequestControl,
): Promise<BatchResult> {
  const { model, now } = context;
  const began = now();
  using slot = await model.acquire(prompt);
  const cachedTokens = slot.tokens.length;
  const logits = control.signal.aborted ? undefined : (await prefill(context, slot, prompt, control))?.slice();
  const prefillMs = now() - began;
  const texts: Alternative[] = [];
  while (texts.length < writers.length) {
    const next = writers.slice(texts.length, texts.length + maxBatch);
    using branches = control.signal.aborted ? undefined : model.branch?.(slot, next.length);
    texts.push(...(logits && branches ? await decodeBranches(branches, next, logits, control) : next.map(cancelled)));
  }
  return { texts, cachedTokens, prefillMs, decodeMs: now() - began - prefillMs };
}

/** @param first logits `[V]` after the prompt */
async function decodeBranches(
  branches: Branches,
  writers: readonly TextWriter[],
  first: Float32Array,
  control: RequestControl,
): Promise<Alternative[]> {
  let active: { writer: TextWriter; branch: number; logits: Float32Array }[] = writers.map((writer, branch) => ({
    writer,
    branch,
    logits: first.slice(),
  }));
  for (;;) {
    const steps = active.flatMap(({ writer, branch, logits }) => {
      const token = writer.choose(logits);
      return writer.accept(token) ? [{ writer, branch, token }] : [];
    });
    if (steps.length === 0) break;
    await control.pause();
    if (control.signal.aborted) {
      for (const { writer } of steps) writer.finish = "cancelled";
      break;
    }
    const logits = await branches.forward(steps);
    active = steps.map((step, row) => ({
      ...step,
      logits: logits.subarray(row * first.length, (row + 1) * first.length),
    }));
  }
  return writers.map((writer) => ({ text: writer.end(), tokens: writer.tokens, finish: writer.finish }));
}

function cancelled(): Alternative {
  return { text: "", tokens: [], finish: "cancelled" };
}
