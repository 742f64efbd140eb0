import type { GenerationContext } from "./context";
import type { RequestControl } from "./control";
import { fillCache } from "./decoding/prefill";
import { nearMove } from "./prompt/window";
import type { Prompt } from "./request";

/**
 * Prefills the window that a prompt will have after its text has grown a little, if that is not the current window. The keystroke that
 * moves the window then only computes what was typed since. What is cached for the current window stays cached.
 * @returns the number of tokens computed: 0 if the window will not move soon, or if the cache cannot hold a second window
 */
export async function readAhead(
  context: GenerationContext,
  prompt: Prompt,
  maxTokens: number,
  control: RequestControl,
): Promise<number> {
  const { model, prompts, contextLength } = context;
  if (control.signal.aborted || model.fullSlots < 2) return 0;
  const current = prompts.encode(prompt, contextLength, maxTokens);
  const upcoming = prompts.encode(prompt, contextLength, maxTokens, nearMove(contextLength));
  if (upcoming.tokens.length === current.tokens.length) return 0;
  using slot = await model.acquire(upcoming.tokens);
  const cached = slot.tokens.length;
  await fillCache(context, slot, upcoming.tokens, control);
  return slot.tokens.length - cached;
}
