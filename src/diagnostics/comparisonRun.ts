import type { CompletionBackend } from "../backend/backend";
import type { BackendComparison } from "../gpt2/verification/compareModels";
import type { BackendId } from "../gpt2/languageModel";
import { CancellableRun } from "./cancellableRun";
import { finite } from "./jsonViews";
import type { BackendComparisonRow, BackendComparisonView } from "./backendViews";

/** A comparison of the backend in use with all others that can run the model: it can be repeated and cancelled at any time. */
export class ComparisonRun implements Disposable {
  readonly #backend: Pick<CompletionBackend, "inspection">;
  readonly #available: () => Promise<readonly BackendId[]>;
  readonly #onChange: () => void;
  readonly #run: CancellableRun;
  #rows: readonly BackendComparisonRow[] = [];

  /**
   * @param available what can run the open model on this machine
   * @param onChange called when the view has changed
   */
  constructor(
    backend: Pick<CompletionBackend, "inspection">,
    available: () => Promise<readonly BackendId[]>,
    onChange: () => void,
  ) {
    this.#backend = backend;
    this.#available = available;
    this.#onChange = onChange;
    this.#run = new CancellableRun(onChange);
  }

  get view(): BackendComparisonView {
    return { state: this.#run.state, message: this.#run.message, rows: this.#rows };
  }

  /** Compares, unless that is being done already. */
  start(): Promise<void> {
    return this.#run.start(
      () => (this.#rows = []),
      (signal) => this.#compareAll(signal),
    );
  }

  cancel(): void {
    this.#run.cancel();
  }

  [Symbol.dispose](): void {
    this.#run[Symbol.dispose]();
  }

  async #compareAll(signal: AbortSignal): Promise<void> {
    const { inspection } = this.#backend;
    if (!inspection) throw new Error("Comparing backends needs a model that runs in this extension.");
    const { info } = await inspection.describe();
    const others = (await this.#available()).filter((backend) => backend !== info.backend);
    if (others.length === 0) {
      throw new Error(
        `Where the engine runs now, nothing but ${info.backend} can run this model in ${info.precision}.`,
      );
    }
    for (const against of others) {
      signal.throwIfAborted();
      const row = await inspection
        .inspect("compareBackends", { against }, { signal })
        .then(comparisonRow, (error: unknown) => {
          if (signal.aborted) throw error;
          const problem = error instanceof Error ? error.message : String(error);
          return { backends: [info.backend, against], problem } satisfies BackendComparisonRow;
        });
      this.#rows = [...this.#rows, row];
      this.#onChange();
    }
  }
}

function comparisonRow({ backends, first, logits, flips, positions }: BackendComparison): BackendComparisonRow {
  return {
    ...{ backends, flips, positions, logits: finite(logits) },
    ...(first && {
      first: {
        name: first.name,
        checkpoint: first.checkpoint,
        ...(first.layer !== undefined && { layer: first.layer }),
        maxAbsDiff: finite(first.maxAbsDiff),
        tolerance: first.tolerance,
      },
    }),
  };
}
