import { completionPrompt } from "./completionPrompt";
import { complete, isDone } from "./complete";
import type { GenerationContext, RequestControl } from "./context";
import { prefill } from "./decode";
import type { Branches } from "../gpt2/languageModel";
import type { Alternative, AlternativesRequest } from "./request";
import { TextWriter } from "./textWriter";
import { checkRequest } from "./validate";

/**
 * Completes the text at a cursor in several ways at once: each text is what {@link complete} writes with its sampling alone. The prompt is
 * read once, and the texts share what is cached for it.
 * @throws InputError for numbers that make no sense.
 */
export async function alternatives(
  context: GenerationContext,
  request: AlternativesRequest,
  control: RequestControl,
): Promise<readonly Alternative[]> {
  const { model, tokenizer } = context;
  const { prompt, stop, maxTokens, samplings } = request;
  for (const sampling of samplings) checkRequest(maxTokens, sampling);
  const { kept, takenBack } = completionPrompt(context, request);
  const fits = kept.length + takenBack.length + maxTokens <= model.config.contextLength;
  if (!model.branch || !fits || maxTokens === 0) return oneByOne(context, request, control);
  const writers = samplings.map(
    (sampling) => new TextWriter(tokenizer, { takenBack, sampling, maxTokens, doneAt: isDone(stop, prompt) }),
  );
  const slot = model.acquire(kept);
  try {
    if (control.signal.aborted || !(await prefill(context, slot, kept, control))) return writers.map(cancelled);
    const logits = (await model.forward(slot, kept.slice(slot.tokens.length))).slice();
    using branches = model.branch(slot, writers.length);
    return await decodeTogether(branches, writers, logits, control);
  } finally {
    model.release(slot);
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

async function oneByOne(
  context: GenerationContext,
  request: AlternativesRequest,
  control: RequestControl,
): Promise<Alternative[]> {
  const texts: Alternative[] = [];
  for (const sampling of request.samplings) {
    const { text, tokens, finish } = await complete(context, { ...request, sampling }, control);
    texts.push({ text, tokens, finish });
  }
  return texts;
}

function cancelled(): Alternative {
  return { text: "", tokens: [], finish: "cancelled" };
}
