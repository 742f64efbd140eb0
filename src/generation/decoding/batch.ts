import type { Branches } from "../../gpt2/languageModel";
import type { GenerationContext, RequestControl } from "../context";
import { prefill } from "./decode";
import type { Alternative } from "../request";
import type { TextWriter } from "./textWriter";

/**
 * Whether several texts can be written behind a prompt as a batch: the model can branch, and no text can outgrow the context.
 * @param longest tokens that the prompt and a text have at most
 */
export function canWriteTogether({ model }: Pick<GenerationContext, "model">, longest: number): boolean {
  return model.branch !== undefined && longest <= model.config.contextLength;
}

/** More texts are written in several batches. */
const mostTogether = 16;

/** Texts of one batch, and what it took; see `Timings`. */
export interface TextsTogether {
  readonly texts: readonly Alternative[];
  readonly cachedTokens: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
}

/**
 * Writes several texts behind one prompt as a batch: it is read once, and the texts share what is cached for it. Each gets the tokens that
 * it would have alone. Cancelled, those that are not done say so.
 */
export async function writeTogether(
  context: GenerationContext,
  prompt: readonly number[],
  writers: readonly TextWriter[],
  control: RequestControl,
): Promise<TextsTogether> {
  const { model, now } = context;
  const began = now();
  const slot = await model.acquire(prompt);
  const cachedTokens = slot.tokens.length;
  try {
    const wanted = !control.signal.aborted && (await prefill(context, slot, prompt, control));
    const logits = wanted ? (await model.forward(slot, prompt.slice(slot.tokens.length))).slice() : undefined;
    const prefillMs = now() - began;
    const texts: Alternative[] = [];
    while (texts.length < writers.length) {
      const next = writers.slice(texts.length, texts.length + mostTogether);
      using branches = control.signal.aborted ? undefined : model.branch?.(slot, next.length);
      texts.push(...(logits && branches ? await decodeTogether(branches, next, logits, control) : next.map(cancelled)));
    }
    return { texts, cachedTokens, prefillMs, decodeMs: now() - began - prefillMs };
  } finally {
    slot[Symbol.dispose]();
  }
}

/** @param first `[V]`, the logits behind the prompt */
async function decodeTogether(
  branches: Branches,
  writers: readonly TextWriter[],
  first: Float32Array,
  control: RequestControl,
): Promise<Alternative[]> {
  let going: { writer: TextWriter; branch: number; logits: Float32Array }[] = writers.map((writer, branch) => ({
    writer,
    branch,
    logits: first.slice(),
  }));
  for (;;) {
    const steps = going.flatMap(({ writer, branch, logits }) => {
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
    going = steps.map((step, row) => ({
      ...step,
      logits: logits.subarray(row * first.length, (row + 1) * first.length),
    }));
  }
  return writers.map((writer) => ({ text: writer.end(), tokens: writer.tokens, finish: writer.finish }));
}

function cancelled(): Alternative {
  return { text: "", tokens: [], finish: "cancelled" };
}
