import { type BackendId, type LanguageModel, usualAhead } from "../languageModel";

/** How fast a model runs. */
export interface ModelSpeed {
  /** Milliseconds for a token of a prompt that is prefilled. */
  readonly prefillMs: number;
  /** Milliseconds for a step of one token. */
  readonly decodeMs: number;
}

/** What measuring a backend gave. */
export type BackendSpeed =
  | { readonly kind: "measured"; readonly backend: BackendId; readonly speed: ModelSpeed }
  /** It cannot run the model on this machine; why, for a person. */
  | { readonly kind: "unavailable"; readonly backend: BackendId; readonly problem: string };

export interface SpeedOptions {
  /** Awaited between two steps, so that other work can go first. What it throws ends the measurement. */
  readonly pause: () => Promise<void>;
  /** Milliseconds, for tests. */
  readonly now?: () => number;
}

/** Tokens of the prompt: as many as a typical keystroke makes the engine prefill when its window has moved. */
const promptLength = 64;
/** Steps of each kind, and the milliseconds after which no further one is begun. */
const prefills = 3;
const decodes = 12;
const budgetMs = 600;

/**
 * Measures a model in a slot of its own, which is empty afterwards. The first step of each kind is not counted: in it, shaders are
 * compiled and memory is allocated. Of the others the median counts.
 */
export async function measureSpeed(
  model: LanguageModel,
  { pause, now = () => performance.now() }: SpeedOptions,
): Promise<ModelSpeed> {
  const { vocabSize, contextLength } = model.config;
  const length = Math.max(1, Math.min(promptLength, contextLength - decodes - 1));
  const token = (i: number) => (i * 37 + 11) % vocabSize;
  const prompt = Array.from({ length }, (_, i) => token(i));
  using slot = await model.acquire(prompt, "branch");
  const time = async (step: () => Promise<unknown>) => {
    await pause();
    const began = now();
    await step();
    return now() - began;
  };
  // Greedy, as suggestions are.
  let next = token(0);
  const decode = async (index: number) => {
    const chosen = await model.forwardLikeliest?.(slot, [next], { ahead: usualAhead });
    if (!chosen) await model.forward(slot, [next]);
    next = chosen?.[0]?.[0]?.token ?? token(index + 1);
  };
  try {
    const prefillMs = await medianTime(prefills, now, () => {
      model.rewind(slot, 0);
      return time(() => model.forward(slot, prompt));
    });
    const decodeMs = await medianTime(decodes, now, (step) => time(() => decode(step)));
    return { prefillMs: prefillMs / length, decodeMs };
  } finally {
    model.rewind(slot, 0);
  }
}

/** The median of some steps after a first one, in ms. */
async function medianTime(count: number, now: () => number, step: (index: number) => Promise<number>): Promise<number> {
  await step(0);
  const began = now();
  const times = [await step(1)];
  for (let i = 2; i < count && now() - began < budgetMs; i++) times.push(await step(i));
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? NaN;
}
