import type { CompletionBackend } from "../backend/backend";
import { endToEnd, passCheckpoints } from "../gpt2/verification/checkpoints/checkpoints";
import type { CheckpointResult } from "../gpt2/verification/checkpoints/result";
import type { CheckpointReport } from "../gpt2/verification/checkpoints/run";
import { checkpointResult } from "./jsonViews";
import type { CheckpointsView } from "./views";

/** A run of the checkpoints: it can be repeated and cancelled at any time, and continues while its tab is hidden. */
export class CheckpointRun implements Disposable {
  readonly #onChange: () => void;
  readonly #backend: Pick<CompletionBackend, "inspection">;
  #state: CheckpointsView["state"] = "ready";
  #message: string | undefined;
  #subject: string | undefined;
  #share = 0;
  #results: CheckpointResult[] = [];
  #report: CheckpointReport | undefined;
  #running: AbortController | undefined;

  /** @param onChange called when the view has changed */
  constructor(backend: Pick<CompletionBackend, "inspection">, onChange: () => void) {
    this.#backend = backend;
    this.#onChange = onChange;
  }

  /** The report of the last run that finished. */
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

  /** Runs all checkpoints, unless they are running already. */
  async start(): Promise<void> {
    if (this.#running) return;
    const running = (this.#running = new AbortController());
    this.#results = [];
    this.#report = undefined;
    this.#share = 0;
    this.#become("running");
    try {
      const { inspection } = this.#backend;
      if (!inspection) throw new Error("The checkpoints need a model that runs in this extension.");
      const { name, info } = await inspection.describe();
      this.#subject = `${name}: ${info.precision} on ${info.backend}, ${info.threads} thread${info.threads === 1 ? "" : "s"}`;
      const onProgress = ({ share, result }: { readonly share: number; readonly result?: CheckpointResult }) => {
        if (running.signal.aborted) return;
        this.#share = share;
        if (result) this.#results.push(result);
        this.#onChange();
      };
      this.#report = await inspection.checkpoints({}, { signal: running.signal, onProgress });
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
