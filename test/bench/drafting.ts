import { complete } from "../../src/generation/complete";
import { type GenerationContext, generationContext } from "../../src/generation/context";
import { DraftMemory } from "../../src/generation/draftMemory";
import type { CompletionRequest, StopRule } from "../../src/generation/request";
import { seededRandom } from "../../src/generation/sampling/random";
import type { LanguageModel } from "../../src/gpt2/languageModel";
import { tokenizerFor } from "../../src/tokenizer/tokenizerFor";
import { heldOutFiles, type SourceFile } from "../eval/files";
import { drawPlaces, kindsInLine } from "../eval/places";
import { NoDrafts } from "../fixtures/soak";

/** What drafting saves on code that the model has not seen. */
export interface Drafting {
  readonly stop: StopRule | "all";
  readonly completions: number;
  readonly tokens: number;
  /** Milliseconds per token with one token a step, and with drafts. */
  readonly plainMs: number;
  readonly draftedMs: number;
  /** Tokens that came of a step with drafts. */
  readonly tokensPerStep: number;
  /** Share of the drafted tokens that were right. */
  readonly acceptance: number;
  /** Completions that came out otherwise than without drafts. */
  readonly different: number;
}

interface Outcome {
  readonly stop: StopRule;
  readonly tokens: number;
  readonly plainMs: number;
  readonly draftedMs: number;
  readonly drafted: number;
  readonly right: number;
  readonly same: boolean;
}

/** Completes `count` places greedily with and without drafts, in turns, each time with all of the prompt cached but its last token. */
export async function timeDrafting(
  model: LanguageModel,
  count: number,
  progress: (text: string) => void,
): Promise<Drafting[]> {
  const tokenizer = tokenizerFor(model.config);
  const contextWith = (drafts: DraftMemory): GenerationContext => ({ ...generationContext(model, tokenizer), drafts });
  const plain = contextWith(new NoDrafts());
  const drafting = contextWith(new DraftMemory());
  const outcomes: Outcome[] = [];
  for (const [i, request] of (await drawRequests(count)).entries()) {
    progress(`drafting, completion ${i + 1} of ${count}`);
    await write(plain, { ...request, maxTokens: 1 });
    const order = i % 2 === 0 ? [plain, drafting] : [drafting, plain];
    const results = new Map<GenerationContext, Awaited<ReturnType<typeof write>>>();
    for (const context of order) results.set(context, await write(context, request));
    const [one, other] = [results.get(plain), results.get(drafting)];
    if (!one || !other) continue;
    outcomes.push({
      stop: request.stop,
      tokens: one.tokens.length,
      plainMs: one.ms,
      draftedMs: other.ms,
      drafted: other.timings.draftedTokens,
      right: other.timings.acceptedTokens,
      same: one.tokens.join() === other.tokens.join(),
    });
  }
  return (["line", "block", "all"] as const).map((stop) => summary(stop, outcomes));
}

function summary(stop: Drafting["stop"], all: readonly Outcome[]): Drafting {
  const outcomes = all.filter((outcome) => stop === "all" || outcome.stop === stop);
  const sum = (value: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + value(outcome), 0);
  const tokens = sum((outcome) => outcome.tokens);
  const right = sum((outcome) => outcome.right);
  const drafted = sum((outcome) => outcome.drafted);
  return {
    stop,
    completions: outcomes.length,
    tokens,
    plainMs: sum(({ plainMs }) => plainMs) / tokens,
    draftedMs: sum(({ draftedMs }) => draftedMs) / tokens,
    tokensPerStep: tokens / (tokens - right),
    acceptance: right / Math.max(1, drafted),
    different: outcomes.filter(({ same }) => !same).length,
  };
}

async function write(context: GenerationContext, request: CompletionRequest) {
  const began = performance.now();
  const control = { arrivedAt: context.now(), signal: { aborted: false }, pause: () => Promise.resolve() };
  const { tokens, timings } = await complete(context, request, control);
  return { tokens, timings, ms: performance.now() - began };
}

/** Half of the places are inside lines, the other half where a block begins. */
export async function drawRequests(count: number): Promise<CompletionRequest[]> {
  const files = await heldOutFiles();
  const lines = drawPlaces(files, Math.ceil(count / 2), 1, kindsInLine).map(({ file, prefix, suffix }) =>
    requestAt(file, prefix, suffix, "line"),
  );
  const blocks = drawBlocks(files, Math.floor(count / 2));
  return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? lines : blocks)[Math.floor(i / 2)]).filter(
    (request) => request !== undefined,
  );
}

/** Cursors behind lines that open a block. The block itself is left out, as if it was still to be written. */
function drawBlocks(files: readonly SourceFile[], count: number): CompletionRequest[] {
  const places = files.flatMap((file) =>
    Array.from(file.text.matchAll(/^([ \t]*).*[{:]\n(?:(?:\1[ \t]+.*)?\n)+/gm), (match) => {
      const start = match.index + match[0].indexOf("\n");
      return requestAt(file, file.text.slice(0, start), file.text.slice(match.index + match[0].length - 1), "block");
    }),
  );
  const random = seededRandom(2);
  return Array.from({ length: count }, () => places[Math.floor(random() * places.length)]).filter(
    (request) => request !== undefined,
  );
}

function requestAt(file: SourceFile, prefix: string, suffix: string, stop: StopRule): CompletionRequest {
  return {
    prompt: { header: `${file.lang === "python" ? "#" : "//"} ${file.path}\n`, prefix, suffix },
    stop,
    maxTokens: 64,
    sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
    healing: true,
  };
}
