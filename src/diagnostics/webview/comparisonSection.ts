import type { ToPanel } from "../protocol";
import type { BackendComparisonView } from "../backendViews";
import { comparisonText } from "./comparisonText";
import { action, element, note, replaceContent } from "./dom";
import { l10n } from "./l10n";

/** The comparison of the backend in use with the others: running it, and what it found. */
export class ComparisonSection {
  readonly element: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #status = element("p", { "aria-live": "polite" });
  readonly #list = element("ul");
  #running = false;

  constructor(post: (message: ToPanel) => void) {
    // One button, so that the focus stays on it.
    this.#button = action(l10n.t("Compare Backends"), () =>
      post({ kind: "comparison", action: this.#running ? "cancel" : "run" }),
    );
    this.element = element(
      "section",
      { "aria-label": l10n.t("Backends") },
      element("h2", {}, l10n.t("Backends")),
      note(
        l10n.t("Runs the same tokens on every other backend that can run the model here, and compares the tensors."),
      ),
      element("div", { class: "actions" }, this.#button),
      this.#status,
      this.#list,
    );
  }

  show({ state, message, rows }: BackendComparisonView): void {
    this.#running = state === "running";
    this.#button.textContent = this.#running ? l10n.t("Cancel Comparison") : l10n.t("Compare Backends");
    this.#status.textContent = { ...statuses, failed: message ?? statuses.failed }[state];
    this.#status.classList.toggle("failure", state === "failed");
    replaceContent(this.#list, ...rows.map((row) => element("li", {}, comparisonText(row))));
  }
}

const statuses: Readonly<Record<BackendComparisonView["state"], string>> = {
  ready: l10n.t("Not compared yet."),
  running: l10n.t("Comparing…"),
  done: l10n.t("Compared."),
  cancelled: l10n.t("Canceled."),
  failed: l10n.t("The backends could not be compared."),
};
