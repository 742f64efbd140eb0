import type { CheckpointView } from "../views";
import { checkpointDetails } from "./checkpointDetails";
import { element } from "./dom";
import { brackets, scientific } from "./format";
import { l10n } from "./l10n";

export type Outcome = NonNullable<CheckpointView["result"]>["status"] | "waiting" | "running";

export const checkpointColumns = [
  { title: l10n.t("No."), numeric: true },
  { title: l10n.t("Checkpoint") },
  { title: l10n.t("Shape") },
  { title: l10n.t("Difference"), numeric: true },
  { title: l10n.t("Tolerance"), numeric: true },
  { title: l10n.t("Status") },
] as const;

/** As a symbol and in words, not by color alone. */
const outcomes: Readonly<Record<Outcome, readonly [symbol: string, words: string]>> = {
  waiting: ["·", l10n.t("not run")],
  running: ["…", l10n.t("running")],
  passed: ["✓", l10n.t("passed")],
  failed: ["✗", l10n.t("failed")],
  suspect: ["?", l10n.t("suspect")],
};

/** A checkpoint as a table row, with its details in a second row. Both are updated in place, so open details stay open during a run. */
export class CheckpointRow {
  readonly elements: readonly HTMLTableRowElement[];
  readonly #shape = element("td");
  readonly #difference = element("td", { class: "number" });
  readonly #tolerance = element("td", { class: "number" });
  readonly #status = element("td");
  readonly #details: HTMLTableCellElement;
  /** What is drawn, for comparison. */
  #drawn = "";

  constructor({ number, name }: CheckpointView) {
    const id = `checkpoint-${number}`;
    const opener = element(
      "button",
      { type: "button", class: "opener", "aria-expanded": "false", "aria-controls": id },
      name,
    );
    this.#details = element("td", { colspan: checkpointColumns.length });
    const below = element("tr", { id, class: "details", hidden: true }, this.#details);
    opener.addEventListener("click", () => {
      below.hidden = !below.hidden;
      opener.setAttribute("aria-expanded", String(!below.hidden));
    });
    const row = element(
      "tr",
      {},
      element("td", { class: "number" }, String(number)),
      element("th", { scope: "row" }, opener),
      this.#shape,
      this.#difference,
      this.#tolerance,
      this.#status,
    );
    this.elements = [row, below];
  }

  show(checkpoint: CheckpointView, outcome: Outcome): void {
    const wanted = JSON.stringify([checkpoint, outcome]);
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    const { result } = checkpoint;
    this.#shape.textContent = result ? brackets(result.shape) : "";
    this.#difference.textContent = result ? scientific(result.maxAbsDiff) : "";
    this.#tolerance.textContent = result ? scientific(result.tolerance) : "";
    const [symbol, words] = outcomes[outcome];
    const mark = element("span", { class: "symbol", "aria-hidden": "true" }, symbol);
    this.#status.replaceChildren(element("span", { class: `outcome ${outcome}` }, mark, ` ${words}`));
    this.#details.replaceChildren(...checkpointDetails(checkpoint));
  }
}
