import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import { prefill } from "../decoding/prefill";
import { StopStrings } from "../decoding/stopStrings";
import { InputError } from "../errors";
import { promptTokens } from "../prompt/freePrompt";
import { maskFimTokens } from "../prompt/completionPrompt";
import type { FinishReason } from "../request";
import type { ConstrainedText } from "../sampling/constraints/compiled";
import { checkLogits } from "../sampling/finite";
import { largest } from "../sampling/largest";
import { logSumExp } from "../sampling/logProbabilities";
import type { LogitsProcessor } from "../sampling/processors/processor";
import { processorsFor } from "../sampling/processors/registry";
import { checkSampling, checkTextOptions } from "../validate";
import { beamModel } from "./beamModel";
import { bestCandidates, bestPossibleScore, type Candidate, type Hypothesis, scoreOf } from "./candidates";
import type { BeamSearchRequest, BeamSearchResult, BeamText } from "./request";

/** What a step of the model can run. */
const mostBeams = 16;

/** A text that goes on, with where it is in what it must match. */
interface Running extends Hypothesis {
  readonly constrained: ConstrainedText | undefined;
}

/** A text that has ended. */
interface Ended {
  readonly tokens: readonly number[];
  readonly text: string;
  readonly finish: FinishReason;
  readonly logProbability: number;
  readonly score: number;
}

/**
 * Finds likely texts: the best `beams` texts are continued side by side, each step keeps the best of their continuations, and it ends
 * when no running text can become better than those that have ended.
 * @throws InputError for a token id outside the vocabulary, numbers out of range and constraints that cannot be kept to
 */
export async function beamSearch(
  context: GenerationContext,
  request: BeamSearchRequest,
  control: RequestControl,
): Promise<BeamSearchResult> {
  checkBeams(request, context.model.config.vocabSize);
  const { model, now } = context;
  const startedAt = now();
  const prompt = promptTokens(context, request.prompt, request.maxTokens);
  const tokenizedAt = now();
  using slot = await model.acquire(prompt);
  const cachedTokens = slot.tokens.length;
  const logits = control.signal.aborted ? undefined : await prefill(context, slot, prompt, control);
  const prefillMs = now() - tokenizedAt;
  const search = new BeamSearch(context, request, prompt);
  if (logits && request.maxTokens > 0) {
    search.start(logits);
    control.onText?.(search.likeliest);
    using beams = beamModel(model, slot, prompt, request.beams);
    while (search.goesOn) {
      await control.pause();
      if (control.signal.aborted) break;
      search.step(await beams.run(search.inputs));
      control.onText?.(search.likeliest);
    }
  }
  const texts = search.best(control.signal.aborted);
  return {
    texts,
    timings: {
      queueMs: startedAt - control.arrivedAt,
      tokenizeMs: tokenizedAt - startedAt,
      prefillMs,
      decodeMs: now() - tokenizedAt - prefillMs,
      firstTokenMs: now() - control.arrivedAt,
      totalMs: now() - control.arrivedAt,
      promptTokens: prompt.length,
      cachedTokens,
      newTokens: texts.reduce((sum, { tokens }) => sum + tokens.length, 0),
      draftedTokens: 0,
      acceptedTokens: 0,
    },
  };
}

function checkBeams({ beams, count, lengthPenalty, sampling, ...options }: BeamSearchRequest, vocabSize: number): void {
  checkTextOptions(options, vocabSize);
  checkSampling(sampling, vocabSize);
  if (!Number.isInteger(beams) || beams < 1 || beams > mostBeams) {
    throw new InputError(`The number of beams must be a whole number from 1 to ${mostBeams}, not ${beams}.`);
  }
  if (!Number.isInteger(count) || count < 1 || count > beams) {
    throw new InputError(`The number of texts must be a whole number from 1 to the number of beams, not ${count}.`);
  }
  if (!Number.isFinite(lengthPenalty))
    throw new InputError(`The length penalty must be a number, not ${lengthPenalty}.`);
}

class BeamSearch {
  readonly #context: GenerationContext;
  readonly #request: BeamSearchRequest;
  readonly #prompt: readonly number[];
  readonly #processors: readonly LogitsProcessor[];
  readonly #stopStrings: StopStrings;
  readonly #maxTokens: number;
  #running: readonly Running[] = [];
  /** The best `beams` texts that have ended, the best first. */
  #ended: readonly Ended[] = [];

  constructor(context: GenerationContext, request: BeamSearchRequest, prompt: readonly number[]) {
    this.#context = context;
    this.#request = request;
    this.#prompt = prompt;
    this.#processors = processorsFor(request.sampling, context.tokenizer);
    this.#stopStrings = new StopStrings(request.stops?.strings ?? []);
    // The last token of a text is not run.
    this.#maxTokens = Math.min(request.maxTokens, context.contextLength - prompt.length + 1);
  }

  /** Whether a running text could become better than the worst that would be returned. */
  get goesOn(): boolean {
    const { beams, lengthPenalty } = this.#request;
    const worst = this.#ended[beams - 1]?.score ?? -Infinity;
    return this.#running.some((running) => bestPossibleScore(running, lengthPenalty, this.#maxTokens) > worst);
  }

  /** The running texts, for the model. */
  get inputs() {
    return this.#running.map(({ tokens, beam }) => ({ tokens, parent: beam }));
  }

  /** The likeliest of the running texts, without what may become a stop string. The next one may be another text altogether. */
  get likeliest(): string {
    const text = this.#textOf(this.#running[0]?.tokens ?? []);
    return text.slice(0, this.#stopStrings.safeLength(text));
  }

  /** Begins with the logits `[V]` after the prompt. */
  start(logits: Float32Array): void {
    const { constraint } = this.#request;
    const constrained = constraint && this.#context.constraints.get(constraint).start();
    this.#running = [{ beam: 0, tokens: [], logProbability: 0, constrained }];
    this.step({ beams: [0], logits: logits.slice() });
  }

  /** Continues the running texts by a token each. */
  step({ beams, logits }: { readonly beams: readonly number[]; readonly logits: Float32Array }): void {
    const { vocabSize } = this.#context.model.config;
    const parents = this.#running.map((running, i) => ({ ...running, beam: beams[i] ?? 0 }));
    const candidates = parents.flatMap((parent, row) =>
      this.#continuations(parent, logits.subarray(row * vocabSize, (row + 1) * vocabSize)),
    );
    const best = bestCandidates(candidates, 2 * this.#request.beams);
    const running: Running[] = [];
    for (const [rank, candidate] of best.entries()) {
      if (running.length === this.#request.beams) break;
      const next = this.#follow(candidate);
      if ("finish" in next) {
        // A text that ends with an unlikely token is not worth more than those that go on.
        if (rank < this.#request.beams) this.#end(next);
      } else running.push(next);
    }
    this.#running = running;
  }

  /** The best texts. @param cancelled whether those that go on are to be counted as they are */
  best(cancelled: boolean): BeamText[] {
    if (cancelled || this.#ended.length === 0) {
      for (const { tokens, logProbability } of this.#running)
        this.#end(this.#endedAt(tokens, logProbability, "cancelled"));
    }
    return this.#ended.slice(0, this.#request.count).map((ended) => ({ ...ended, promptTokens: this.#prompt }));
  }

  /** The likeliest tokens after a text; twice as many as there are beams, since each may end its text. */
  #continuations(parent: Running, logits: Float32Array): (Candidate & { readonly parent: Running })[] {
    checkLogits(logits);
    const total = logSumExp(logits);
    maskFimTokens(logits, this.#context.tokenizer);
    parent.constrained?.apply(logits, this.#maxTokens - parent.tokens.length);
    const history = { tokens: [...this.#prompt, ...parent.tokens], promptLength: this.#prompt.length };
    for (const process of this.#processors) process(logits, history);
    return Array.from(largest(logits, 2 * this.#request.beams), (token) => {
      return { parent, token, logProbability: parent.logProbability + (logits[token] ?? -Infinity) - total };
    }).filter(({ logProbability }) => logProbability > -Infinity);
  }

  /** What a candidate becomes. */
  #follow({ parent, token, logProbability }: Candidate & { readonly parent: Running }): Running | Ended {
    const { tokenizer } = this.#context;
    const isStop = this.#request.stops?.tokens?.includes(token) ?? false;
    if (isStop || tokenizer.isSpecial(token)) {
      return this.#endedAt(parent.tokens, logProbability, isStop ? "stop" : "endOfText", 1);
    }
    const tokens = [...parent.tokens, token];
    const constrained = parent.constrained?.copy();
    constrained?.accept(token);
    const ended = this.#endedAt(tokens, logProbability, "stop");
    if (ended.text.length < this.#textOf(tokens).length || constrained?.isComplete) return ended;
    if (tokens.length >= this.#maxTokens) {
      return { ...ended, finish: this.#maxTokens < this.#request.maxTokens ? "context" : "length" };
    }
    return { beam: parent.beam, tokens, logProbability, constrained };
  }

  /** @param ending tokens that ended the text and are no part of it */
  #endedAt(tokens: readonly number[], logProbability: number, finish: FinishReason, ending = 0): Ended {
    const text = this.#textOf(tokens);
    const score = scoreOf(logProbability, tokens.length + ending, this.#request.lengthPenalty);
    return { tokens, text: text.slice(0, this.#stopStrings.cutAt(text, 0)), finish, logProbability, score };
  }

  /** The text of some tokens, without an incomplete character at its end. */
  #textOf(tokens: readonly number[]): string {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return tokens.map((token) => decoder.decode(this.#context.tokenizer.bytes(token), { stream: true })).join("");
  }

  #end(ended: Ended): void {
    this.#ended = [...this.#ended, ended].sort((a, b) => b.score - a.score).slice(0, this.#request.beams);
  }
}
