import type { ReportAction, ToPanel } from "../protocol";
import type { CheckpointsView } from "../views";
import { checkpointColumns, CheckpointRow } from "./checkpointRow";
import { ComparisonSection } from "./comparisonSection";
import { action, element, note, table, wide } from "./dom";
import { l10n } from "./l10n";

/** The twelve checkpoints: running them, their results and details. */
export class CheckpointsTab {
  readonly element: HTMLElement;
  readonly #start: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;
  readonly #adapter = element("select", {});
  readonly #adapterField = element("label", { hidden: true }, `${l10n.t("Adapter")} `, this.#adapter);
  readonly #reports: readonly HTMLButtonElement[];
  readonly #progress = element("progress", { max: 1, "aria-label": l10n.t("Progress of the checkpoints") });
  readonly #status = element("p", { role: "status" });
  readonly #list = wide(l10n.t("Checkpoints"));
  readonly #comparison: ComparisonSection;
  #rows: readonly CheckpointRow[] = [];

  constructor(post: (message: ToPanel) => void) {
    this.#comparison = new ComparisonSection(post);
    this.#start = action(l10n.t("Run All"), () => {
      const { value } = this.#adapter;
      post({ kind: "checkpoints", action: "run", ...(value !== "" && { adapter: value }) });
    });
    this.#cancel = action(l10n.t("Cancel"), () => post({ kind: "checkpoints", action: "cancel" }));
    const report = (label: string, what: ReportAction) => action(label, () => post({ kind: "report", action: what }));
    this.#reports = [
      report(l10n.t("Copy as Markdown"), "copyMarkdown"),
      report(l10n.t("Copy as JSON"), "copyJson"),
      report(l10n.t("Save Report…"), "save"),
    ];
    this.element = element(
      "div",
      {},
      note(
        l10n.t(
          "Each checkpoint compares what the backend computes for your completions with a float64 reference of the same weights. They build on one another, so the first that fails counts.",
        ),
      ),
      element("div", { class: "actions" }, this.#adapterField, this.#start, this.#cancel, ...this.#reports),
      this.#progress,
      this.#status,
      this.#list,
      this.#comparison.element,
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
    this.#offer(view.adapters);
    this.#draw(view);
    this.#comparison.show(view.comparison);
  }

  /** Offers adapters to check the model with. The one that is chosen stays so, as long as the model has it. */
  #offer(adapters: readonly string[]): void {
    this.#adapterField.hidden = adapters.length === 0;
    const offered = ["", ...adapters];
    if (offered.join("\n") === Array.from(this.#adapter.options, ({ value }) => value).join("\n")) return;
    const chosen = this.#adapter.value;
    const options = offered.map((value) => element("option", { value }, value === "" ? l10n.t("none") : value));
    this.#adapter.replaceChildren(...options);
    this.#adapter.value = offered.includes(chosen) ? chosen : "";
  }

  #draw({ state, checkpoints }: CheckpointsView): void {
    if (this.#rows.length !== checkpoints.length) {
      this.#rows = checkpoints.map((checkpoint) => new CheckpointRow(checkpoint));
      const drawn = table(l10n.t("Checkpoints"), checkpointColumns, []);
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

  /** A focused button that is disabled passes its focus on. */
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
      return l10n.t("Not run yet.") + of;
    case "running":
      return l10n.t("Running, {0} of {1} done.", results.length, checkpoints.length) + of;
    case "done":
      return l10n.t("{0} of {1} passed.", passed, checkpoints.length) + of;
    case "cancelled":
      return l10n.t("Canceled after {0} of {1}.", results.length, checkpoints.length) + of;
    case "failed":
      return message ?? l10n.t("The checkpoints could not be run.");
  }
}
