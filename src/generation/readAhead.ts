import type { GenerationContext, RequestControl } from "./context";
import { prefill } from "./decoding/decode";
import type { Prompt } from "./request";
import { nearMove } from "./prompt/window";

/**
 * Reads the window that a prompt will have when its text has grown a little, if that is another one than now: the keystroke that moves
 * the window then computes only what was typed since. What is cached for the present window stays.
 * @returns how many tokens were computed: 0 when the next move is far, or memory holds no second window.
 */
export async function readAhead(
  context: GenerationContext,
  prompt: Prompt,
  maxTokens: number,
  control: RequestControl,
): Promise<number> {
  const { model, prompts } = context;
  const { contextLength } = model.config;
  if (control.signal.aborted || model.fullSlots < 2) return 0;
  const now = prompts.encode(prompt, contextLength, maxTokens);
  const soon = prompts.encode(prompt, contextLength, maxTokens, nearMove(contextLength));
  if (soon.tokens.length === now.tokens.length) return 0;
  const slot = await model.acquire(soon.tokens);
  const cached = slot.tokens.length;
  try {
    if (await prefill(context, slot, soon.tokens, control)) {
      await model.forward(slot, soon.tokens.slice(slot.tokens.length), 0);
    }
    return slot.tokens.length - cached;
  } finally {
    slot[Symbol.dispose]();
  }
}
