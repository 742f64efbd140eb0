import type { CompletionRequest, GenerationResult } from "../../generation/request";
import type { CachedText } from "./cache";
import type { Cursor } from "./cursor";
import type { GhostTextBackend } from "../../backend/backend";
import { originOf, typedSince, type Origin } from "./origin";
import { modelText } from "./postprocess/modelText";

/** Characters that can be typed before a running request is no longer considered. */
const maxTyped = 200;

/** A running request. It answers for the cursor that it was made for, and for the cursors of a person who types its text. */
export class RunningCompletion implements Disposable {
  readonly #cursor: Cursor;
  readonly #origin: Origin;
  readonly #controller = new AbortController();
  readonly #lateTimer: ReturnType<typeof setTimeout>;
  readonly #waiting = new Set<() => void>();
  #text = "";
  #state: "running" | "late" | "finished" | "failed" | "stopped" = "running";

  /** The whole text, or undefined when the request was stopped. Rejects when the backend fails. */
  readonly result: Promise<string | undefined>;

  /** @param partialAfterMs milliseconds after which {@link answer} returns the lines that are complete */
  constructor(cursor: Cursor, backend: GhostTextBackend, request: CompletionRequest, partialAfterMs: number) {
    this.#cursor = cursor;
    this.#origin = originOf(cursor);
    this.#lateTimer = setTimeout(() => this.#become("late"), partialAfterMs);
    this.result = this.#run(backend, request);
  }

  get failed(): boolean {
    return this.#state === "failed";
  }

  /** Whether it may still answer for `cursor`: what was typed since is what the model has written so far. */
  agreesWith(cursor: Cursor): boolean {
    return this.#textAt(cursor) !== undefined;
  }

  /**
   * The text that follows `cursor`, once it is known. Undefined when the model writes something else than was typed, when the backend
   * fails, and when `signal` is aborted.
   */
  async answer(cursor: Cursor, signal: AbortSignal): Promise<CachedText | undefined> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    while (!signal.aborted) {
      const left = this.#textAt(cursor);
      if (left === undefined || this.#state === "finished") return left;
      const lines = left.text.slice(0, Math.max(0, left.text.lastIndexOf("\n")));
      if (this.#state === "late" && lines.trim() !== "") return { ...left, text: lines, isUnfinished: true };
      await Promise.race([new Promise<void>((resolve) => this.#waiting.add(resolve)), aborted]);
    }
    return undefined;
  }

  /** Stops the request. */
  [Symbol.dispose](): void {
    this.#controller.abort();
    if (this.#state === "running" || this.#state === "late") this.#become("stopped");
  }

  #textAt(cursor: Cursor): CachedText | undefined {
    if (this.#state === "failed" || this.#state === "stopped") return undefined;
    const typed = typedSince(this.#origin, originOf(cursor), maxTyped);
    if (typed === undefined) return undefined;
    if (this.#state !== "finished" && typed.startsWith(this.#text)) return { text: "", typed };
    if (!this.#text.startsWith(typed)) return undefined;
    const text = this.#text.slice(typed.length);
    return text === "" && typed !== "" ? undefined : { text, typed };
  }

  async #run(backend: GhostTextBackend, request: CompletionRequest): Promise<string | undefined> {
    try {
      const { text, finish } = await backend.complete(request, {
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
    if (state !== "late") clearTimeout(this.#lateTimer);
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
