import type { Gpt2Config } from "../../config/config";
import type { KvCache } from "../../kvCache/kvCache";
import { sameTokens } from "../../sameTokens";
import type { LikeliestOptions, LikeliestToken } from "../../languageModel";
import type { GpuKvBuffer } from "./gpuKvBuffer";
import type { GpuRuntime } from "./gpuRuntime";
import type { GpuSession } from "./gpuSession";
import type { Wanted } from "./largestTokens";
import type { LogitsReader } from "./logitsReader";
import { TokenChooser } from "./tokenChooser";

export interface LikeliestStepsOptions {
  readonly runtime: GpuRuntime;
  readonly session: GpuSession;
  readonly config: Gpt2Config;
  readonly logits: LogitsReader;
  /** Runs tokens after those of a cache and appends them; the logits of the last `rows` are in their buffer then. */
  readonly step: (cache: KvCache<GpuKvBuffer>, tokens: readonly number[], rows: number) => Promise<unknown>;
  /** Makes a cache fit so many positions. */
  readonly reserve: (cache: KvCache<GpuKvBuffer>, length: number) => Promise<void>;
  /** Called for each token that is run ahead. */
  readonly onRun: () => void;
}

/** The likeliest tokens of each row. */
type Choice = readonly (readonly LikeliestToken[])[];

/** Steps that the GPU has been given before the tokens that they begin with are known. */
interface StepsAhead {
  readonly cache: KvCache<GpuKvBuffer>;
  readonly excluded: readonly number[];
  /** The cache's length and the token that the next call has to run, for the steps to be those that it wants. */
  length: number;
  token: number;
  /** What the steps choose, in their order. */
  readonly choices: Promise<Choice>[];
}

/**
 * Steps whose logits stay on the GPU: 8 bytes come back for each token that is wanted. The embedding of the chosen token is looked up there, too, so that
 * further steps can be submitted before it is read, and the GPU does not wait for JavaScript in between.
 */
export class LikeliestSteps implements Disposable {
  readonly #options: LikeliestStepsOptions;
  #chooser: TokenChooser | undefined;
  #ahead: StepsAhead | undefined;

  constructor(options: LikeliestStepsOptions) {
    this.#options = options;
  }

  /** Bytes that are on the GPU besides the model's own. */
  get bytes(): number {
    return this.#chooser?.lookupBytes ?? 0;
  }

  /** How many steps are under way. */
  get underWay(): number {
    return this.#ahead?.choices.length ?? 0;
  }

  /** See `LanguageModel.forwardLikeliest`. */
  async forward(
    cache: KvCache<GpuKvBuffer>,
    tokens: readonly number[],
    { rows = 1, count = 1, excluded = [], ahead = 0 }: LikeliestOptions,
  ): Promise<Choice> {
    const { runtime, session, config } = this.#options;
    const { format, embeddings } = session;
    const chooser = (this.#chooser ??= new TokenChooser({ runtime, format, config, embeddings }));
    const goesOn = ahead > 0 && count === 1;
    if (goesOn) await chooser.openLookup();
    const wanted = { rows, count, excluded };
    const steps = this.#continued(cache, tokens, wanted) ?? (await this.#begin(chooser, cache, tokens, wanted, goesOn));
    const [choice] = steps.choices.splice(0, 1);
    steps.length = cache.length;
    if (goesOn) await this.#submit(chooser, steps, ahead);
    const chosen = (await choice) ?? [];
    steps.token = chosen.at(-1)?.[0]?.token ?? NaN;
    return chosen;
  }

  /** Forgets steps that were begun ahead: something else is run. What they write is overwritten. */
  discard(): void {
    this.#ahead = undefined;
  }

  [Symbol.dispose](): void {
    this.discard();
    this.#chooser?.[Symbol.dispose]();
  }

  /** The steps ahead, if the first of them is what is wanted now; its token is in the cache then. */
  #continued(
    cache: KvCache<GpuKvBuffer>,
    tokens: readonly number[],
    { rows, count, excluded }: Wanted,
  ): StepsAhead | undefined {
    const steps = this.#ahead;
    const [token, ...others] = tokens;
    if (!steps || steps.choices.length === 0 || token === undefined) return undefined;
    const isNext = steps.cache === cache && steps.length === cache.length && steps.token === token;
    if (!isNext || others.length > 0 || rows !== 1 || count !== 1 || !sameTokens(steps.excluded, excluded))
      return undefined;
    cache.tokens.push(token);
    return steps;
  }

  async #begin(
    chooser: TokenChooser,
    cache: KvCache<GpuKvBuffer>,
    tokens: readonly number[],
    wanted: Wanted,
    goesOn: boolean,
  ): Promise<StepsAhead> {
    const { logits, step } = this.#options;
    await step(cache, tokens, wanted.rows);
    const next = goesOn ? this.#within(cache.length) : undefined;
    const choice = ignoringLoss(chooser.choose(logits.buffer, wanted, next));
    const { excluded } = wanted;
    return (this.#ahead = { cache, excluded, length: cache.length, token: NaN, choices: [choice] });
  }

  /** Submits steps until `ahead` are under way, as far as the context goes. */
  async #submit(chooser: TokenChooser, steps: StepsAhead, ahead: number): Promise<void> {
    const { session, logits, reserve, onRun } = this.#options;
    const { cache, choices, excluded } = steps;
    const x = chooser.next;
    while (x && choices.length < ahead) {
      const past = this.#within(cache.length + choices.length);
      if (past === undefined) return;
      await reserve(cache, past + 1);
      await logits.begin([1]);
      await session.run({ x, past, buffer: cache.buffer, logitRows: 1, output: logits.tensor(1) });
      onRun();
      const wanted = { rows: 1, count: 1, excluded };
      choices.push(ignoringLoss(chooser.choose(logits.buffer, wanted, this.#within(past + 1))));
    }
  }

  /** The position, unless it is beyond the context. */
  #within(position: number): number | undefined {
    return position < this.#options.config.contextLength ? position : undefined;
  }
}

/** Lets a choice fail when the device is lost, although nobody may ask for it any more. */
function ignoringLoss<T>(choice: Promise<T>): Promise<T> {
  choice.catch(() => undefined);
  return choice;
}
