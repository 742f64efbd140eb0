import type { BackendState, CompletionBackend } from "../backend/backend";
import { endToEnd, passCheckpoints } from "../gpt2/verification/checkpoints/checkpoints";
import type { CheckpointResult } from "../gpt2/verification/checkpoints/result";
import type { CheckpointReport } from "../gpt2/verification/checkpoints/run";
import { CancellableRun } from "./cancellableRun";
import { checkpointResult } from "./jsonViews";
import type { CheckpointsView } from "./views";

/** A run of the checkpoints: it can be repeated and cancelled at any time, and continues while its tab is hidden. */
export class CheckpointRun implements Disposable {
  readonly #onChange: () => void;
  readonly #backend: Pick<CompletionBackend, "inspection" | "state">;
  readonly #run: CancellableRun;
  #subject: string | undefined;
  #share = 0;
  #results: CheckpointResult[] = [];
  #report: CheckpointReport | undefined;

  /** @param onChange called when the view has changed */
  constructor(backend: Pick<CompletionBackend, "inspection" | "state">, onChange: () => void) {
    this.#backend = backend;
    this.#onChange = onChange;
    this.#run = new CancellableRun(onChange);
  }

  /** The report of the last run that finished. */
  get report(): CheckpointReport | undefined {
    return this.#report;
  }

  get view(): Omit<CheckpointsView, "comparison"> {
    return {
      kind: "checkpoints",
      state: this.#run.state,
      message: this.#run.message,
      subject: this.#subject,
      progress: this.#share,
      adapters: usableAdapters(this.#backend.state),
      checkpoints: [...passCheckpoints, endToEnd].map(({ number, name, compares, guidance }, i) => {
        const result = this.#results[i];
        return { number, name, compares, guidance, ...(result && { result: checkpointResult(result) }) };
      }),
    };
  }

  /** Runs all checkpoints, unless they are running already. @param adapter the LoRA adapter to check the model with */
  start(adapter?: string): Promise<void> {
    return this.#run.start(
      () => {
        this.#results = [];
        this.#report = undefined;
        this.#share = 0;
      },
      (signal) => this.#check(signal, adapter),
    );
  }

  cancel(): void {
    this.#run.cancel();
  }

  [Symbol.dispose](): void {
    this.#run[Symbol.dispose]();
  }

  async #check(signal: AbortSignal, adapter: string | undefined): Promise<void> {
    const { inspection } = this.#backend;
    if (!inspection) throw new Error("The checkpoints need a model that runs in this extension.");
    const { name, info } = await inspection.describe();
    const model = adapter === undefined ? name : `${name} with the adapter ${adapter}`;
    this.#subject = `${model}: ${info.precision} on ${info.backend}, ${info.threads} thread${info.threads === 1 ? "" : "s"}`;
    const onProgress = ({ share, result }: { readonly share: number; readonly result?: CheckpointResult }) => {
      if (signal.aborted) return;
      this.#share = share;
      if (result) this.#results.push(result);
      this.#onChange();
    };
    this.#report = await inspection.checkpoints(adapter === undefined ? {} : { adapter }, { signal, onProgress });
  }
}

/** The names of the LoRA adapters that requests to the open model may ask for. */
function usableAdapters(state: BackendState): string[] {
  const model = state.kind === "ready" ? state.description.localModel : undefined;
  return (model?.adapters ?? []).flatMap(({ kind, name }) => (kind === "ready" ? [name] : []));
}
