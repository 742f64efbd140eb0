import type { CompletionRequest, GenerationResult } from "../../generation/request";
import type { Cursor } from "./cursor";
import type { CompletionEngine } from "./engine";
import { originOf, typedSince, type Origin } from "./origin";
import { modelText } from "./postprocess/modelText";

/** Characters that can be typed before an older request is not looked at any more. */
const typedAtMost = 200;

/** A request that the engine is working on, for the cursor that it was made for and for those that type along its text. */
export class RunningCompletion implements Disposable {
  readonly #cursor: Cursor;
  readonly #origin: Origin;
  readonly #controller = new AbortController();
  readonly #patience: ReturnType<typeof setTimeout>;
  readonly #waiting = new Set<() => void>();
  #text = "";
  #state: "running" | "late" | "finished" | "failed" | "stopped" = "running";

  /** The whole text when it is there, undefined when the request was stopped. Rejects when the engine fails. */
  readonly result: Promise<string | undefined>;

  /** @param patience milliseconds after which {@link answer} is content with the lines that are complete. */
  constructor(cursor: Cursor, engine: CompletionEngine, request: CompletionRequest, patience: number) {
    this.#cursor = cursor;
    this.#origin = originOf(cursor);
    this.#patience = setTimeout(() => this.#become("late"), patience);
    this.result = this.#run(engine, request);
  }

  get failed(): boolean {
    return this.#state === "failed";
  }

  /** Whether it may still have something to say at `cursor`: what was typed since is as the model wrote it, so far. */
  agreesWith(cursor: Cursor): boolean {
    return this.#textAt(cursor) !== undefined;
  }

  /**
   * What follows `cursor`, once that is known. Undefined when it turns out that something else was typed than the model writes, when
   * the engine fails, and when `signal` is aborted.
   */
  async answer(cursor: Cursor, signal: AbortSignal): Promise<string | undefined> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    while (!signal.aborted) {
      const text = this.#textAt(cursor);
      if (text === undefined || this.#state === "finished") return text;
      const lines = text.slice(0, Math.max(0, text.lastIndexOf("\n")));
      if (this.#state === "late" && lines.trim() !== "") return lines;
      await Promise.race([new Promise<void>((resolve) => this.#waiting.add(resolve)), aborted]);
    }
    return undefined;
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    this.#controller.abort();
    if (this.#state === "running" || this.#state === "late") this.#become("stopped");
  }

  #textAt(cursor: Cursor): string | undefined {
    if (this.#state === "failed" || this.#state === "stopped") return undefined;
    const typed = typedSince(this.#origin, originOf(cursor), typedAtMost);
    if (typed === undefined) return undefined;
    if (this.#state !== "finished" && typed.startsWith(this.#text)) return "";
    const left = this.#text.startsWith(typed) ? this.#text.slice(typed.length) : undefined;
    return left === "" && typed !== "" ? undefined : left;
  }

  async #run(engine: CompletionEngine, request: CompletionRequest): Promise<string | undefined> {
    try {
      const { text, finish } = await engine.complete(request, {
        signal: this.#controller.signal,
        onText: (soFar) => this.#grow(soFar, "stop"),
      });
      if (finish === "cancelled" || this.#controller.signal.aborted) {
        this.#become("stopped");
        return undefined;
      }
      this.#grow(text, finish);
      this.#become("finished");
      return this.#text;
    } catch (error) {
      this.#become("failed");
      throw error;
    }
  }

  #grow(text: string, finish: GenerationResult["finish"]): void {
    this.#text = modelText({ text, finish }, this.#cursor);
    this.#wake();
  }

  #become(state: "late" | "finished" | "failed" | "stopped"): void {
    this.#state = state;
    if (state !== "late") clearTimeout(this.#patience);
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
