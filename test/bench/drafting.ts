import { complete } from "../../src/generation/complete";
import { type GenerationContext, generationContext } from "../../src/generation/context";
import { DrafterFactory } from "../../src/generation/speculative/drafterFactory";
import type { CompletionRequest, StopRule } from "../../src/generation/request";
import { seededRandom } from "../../src/generation/sampling/random";
import type { LanguageModel } from "../../src/gpt2/languageModel";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
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

/** A cursor in a file. */
interface Place {
  readonly file: SourceFile;
  readonly request: CompletionRequest;
}

/** Other files of the same repository that are open, and of each so many characters: as many as the editor sends to the engine. */
const openFiles = 4;
const openCharacters = 1 << 14;

/**
 * Completes `count` places greedily with and without drafts, in turns, each time with all of the prompt cached but its last token. Drafts
 * come from the file, from other files of its repository, and from what was written before.
 */
export async function timeDrafting(
  model: LanguageModel,
  tokenizer: Tokenizer,
  count: number,
  progress: (text: string) => void,
): Promise<Drafting[]> {
  const contextWith = (drafters: DrafterFactory): GenerationContext => ({
    ...generationContext(model, tokenizer),
    drafters,
  });
  const plain = contextWith(new NoDrafts());
  const drafting = contextWith(new DrafterFactory());
  const outcomes: Outcome[] = [];
  const files = await heldOutFiles();
  const encoded = new Map(files.map((file) => [file, tokenizer.encode(file.text.slice(0, openCharacters))]));
  for (const [i, { file, request }] of drawDraftingPlaces(files, count).entries()) {
    progress(`drafting, completion ${i + 1} of ${count}`);
    const others = files.filter((other) => other !== file && other.repo === file.repo).slice(0, openFiles);
    drafting.drafters.setOthers(others.map((other) => encoded.get(other) ?? []));
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
function drawDraftingPlaces(files: readonly SourceFile[], count: number): Place[] {
  const lines = drawPlaces(files, Math.ceil(count / 2), 1, kindsInLine).map(({ file, prefix, suffix }) =>
    placeAt(file, prefix, suffix, "line"),
  );
  const blocks = drawBlocks(files, Math.floor(count / 2));
  return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? lines : blocks)[Math.floor(i / 2)]).filter(
    (place) => place !== undefined,
  );
}

/** Cursors after lines that open a block. The block itself is left out, as if it was still to be written. */
function drawBlocks(files: readonly SourceFile[], count: number): Place[] {
  const places = files.flatMap((file) =>
    Array.from(file.text.matchAll(/^([ \t]*).*[{:]\n(?:(?:\1[ \t]+.*)?\n)+/gm), (match) => {
      const start = match.index + match[0].indexOf("\n");
      return placeAt(file, file.text.slice(0, start), file.text.slice(match.index + match[0].length - 1), "block");
    }),
  );
  const random = seededRandom(2);
  return Array.from({ length: count }, () => places[Math.floor(random() * places.length)]).filter(
    (place) => place !== undefined,
  );
}

function placeAt(file: SourceFile, prefix: string, suffix: string, stop: StopRule): Place {
  const request = {
    prompt: { header: `${file.lang === "python" ? "#" : "//"} ${file.path}\n`, prefix, suffix },
    stop,
    maxTokens: 64,
    sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
    healing: true,
  };
  return { file, request };
}
