import type { ReportAction, ToPanel } from "../protocol";
import type { CheckpointsView } from "../views";
import { checkpointColumns, CheckpointRow } from "./checkpointRow";
import { action, element, note, table } from "./dom";

/** The twelve checkpoints: running them, their outcomes, and what stands behind each. */
export class CheckpointsTab {
  readonly element: HTMLElement;
  readonly #start: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;
  readonly #reports: readonly HTMLButtonElement[];
  readonly #progress = element("progress", { max: 1, "aria-label": "Progress of the checkpoints" });
  readonly #status = element("p", { role: "status" });
  readonly #list = element("div", { class: "wide" });
  #rows: readonly CheckpointRow[] = [];

  constructor(post: (message: ToPanel) => void) {
    this.#start = action("Run All", () => post({ kind: "checkpoints", action: "run" }));
    this.#cancel = action("Cancel", () => post({ kind: "checkpoints", action: "cancel" }));
    const report = (label: string, what: ReportAction) => action(label, () => post({ kind: "report", action: what }));
    this.#reports = [
      report("Copy as Markdown", "copyMarkdown"),
      report("Copy as JSON", "copyJson"),
      report("Save Report…", "save"),
    ];
    this.element = element(
      "div",
      {},
      note(
        "Each compares what the graph that serves your completions computes with a plain float64 pass of the same weights. " +
          "They build on one another: the first that fails counts.",
      ),
      element("div", { class: "actions" }, this.#start, this.#cancel, ...this.#reports),
      this.#progress,
      this.#status,
      this.#list,
    );
  }

  show(view: CheckpointsView): void {
    const running = view.state === "running";
    this.#setEnabled(this.#start, !running, this.#cancel);
    this.#setEnabled(this.#cancel, running, this.#start);
    for (const button of this.#reports) button.disabled = view.state !== "done";
    this.#progress.value = view.progress;
    this.#progress.hidden = !running;
    this.#status.textContent = statusText(view);
    this.#status.classList.toggle("failure", view.state === "failed");
    this.#draw(view);
  }

  #draw({ state, checkpoints }: CheckpointsView): void {
    if (this.#rows.length !== checkpoints.length) {
      this.#rows = checkpoints.map((checkpoint) => new CheckpointRow(checkpoint));
      const drawn = table("Checkpoints", checkpointColumns, []);
      drawn.classList.add("checkpoints");
      drawn.tBodies[0]?.append(...this.#rows.flatMap(({ elements }) => elements));
      this.#list.replaceChildren(drawn);
    }
    const next = state === "running" ? checkpoints.find(({ result }) => !result) : undefined;
    checkpoints.forEach((checkpoint, i) => {
      const outcome = checkpoint.result?.status ?? (checkpoint === next ? "running" : "waiting");
      this.#rows[i]?.show(checkpoint, outcome);
    });
  }

  /** A button that is switched off under a person's fingers hands its focus on. */
  #setEnabled(button: HTMLButtonElement, enabled: boolean, heir: HTMLButtonElement): void {
    const focused = document.activeElement === button;
    button.disabled = !enabled;
    if (focused && !enabled) {
      heir.disabled = false;
      heir.focus();
    }
  }
}

function statusText({ state, message, subject, checkpoints }: CheckpointsView): string {
  const results = checkpoints.flatMap(({ result }) => (result ? [result] : []));
  const passed = results.filter(({ status }) => status === "passed").length;
  const of = subject === undefined ? "" : ` ${subject}.`;
  switch (state) {
    case "ready":
      return `Not run yet.${of}`;
    case "running":
      return `Running, ${results.length} of ${checkpoints.length} done.${of}`;
    case "done":
      return `${passed} of ${checkpoints.length} passed.${of}`;
    case "cancelled":
      return `Cancelled after ${results.length} of ${checkpoints.length}.${of}`;
    case "failed":
      return message ?? "They could not be run.";
  }
}
