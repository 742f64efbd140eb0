import type { EngineClient } from "../engine/client";
import { endToEnd, passCheckpoints } from "../gpt2/verification/checkpoints/checkpoints";
import type { CheckpointResult } from "../gpt2/verification/checkpoints/result";
import type { CheckpointReport } from "../gpt2/verification/checkpoints/run";
import { checkpointResult } from "./jsonViews";
import type { CheckpointsView } from "./views";

/** The checkpoints as a person runs them: once more at any time, stopped at any time. A run goes on while its tab is not shown. */
export class CheckpointRun implements Disposable {
  readonly #onChange: () => void;
  readonly #engine: Pick<EngineClient, "describe" | "checkpoints">;
  #state: CheckpointsView["state"] = "ready";
  #message: string | undefined;
  #subject: string | undefined;
  #share = 0;
  #results: CheckpointResult[] = [];
  #report: CheckpointReport | undefined;
  #running: AbortController | undefined;

  /** @param onChange called when there is something else to show */
  constructor(engine: Pick<EngineClient, "describe" | "checkpoints">, onChange: () => void) {
    this.#engine = engine;
    this.#onChange = onChange;
  }

  /** The report of the last run that came to its end. */
  get report(): CheckpointReport | undefined {
    return this.#report;
  }

  get view(): CheckpointsView {
    return {
      kind: "checkpoints",
      state: this.#state,
      message: this.#message,
      subject: this.#subject,
      progress: this.#share,
      checkpoints: [...passCheckpoints, endToEnd].map(({ number, name, compares, guidance }, i) => {
        const result = this.#results[i];
        return { number, name, compares, guidance, ...(result && { result: checkpointResult(result) }) };
      }),
    };
  }

  /** Runs all of them, unless they are running. */
  async start(): Promise<void> {
    if (this.#running) return;
    const running = (this.#running = new AbortController());
    this.#results = [];
    this.#report = undefined;
    this.#share = 0;
    this.#become("running");
    try {
      const { name, info } = await this.#engine.describe();
      this.#subject = `${name}: ${info.precision} on ${info.backend}, ${info.threads} thread${info.threads === 1 ? "" : "s"}`;
      const onProgress = ({ share, result }: { readonly share: number; readonly result?: CheckpointResult }) => {
        if (running.signal.aborted) return;
        this.#share = share;
        if (result) this.#results.push(result);
        this.#onChange();
      };
      this.#report = await this.#engine.checkpoints({}, { signal: running.signal, onProgress });
      this.#become("done");
    } catch (error) {
      if (running.signal.aborted) this.#become("cancelled");
      else this.#become("failed", error instanceof Error ? error.message : String(error));
    } finally {
      this.#running = undefined;
    }
  }

  cancel(): void {
    this.#running?.abort();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  #become(state: CheckpointsView["state"], message?: string): void {
    this.#state = state;
    this.#message = message;
    this.#onChange();
  }
}
