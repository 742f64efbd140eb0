import type { CheckpointView } from "../views";
import { checkpointDetails } from "./checkpointDetails";
import { element } from "./dom";
import { brackets, scientific } from "./format";

export type Outcome = NonNullable<CheckpointView["result"]>["status"] | "waiting" | "running";

export const checkpointColumns = [
  { title: "No.", numeric: true },
  { title: "Checkpoint" },
  { title: "Shape" },
  { title: "Difference", numeric: true },
  { title: "Tolerance", numeric: true },
  { title: "Status" },
] as const;

/** In a symbol and in words: the colour is only a help. */
const outcomes: Readonly<Record<Outcome, readonly [symbol: string, words: string]>> = {
  waiting: ["·", "not run"],
  running: ["…", "running"],
  passed: ["✓", "passed"],
  failed: ["✗", "failed"],
  suspect: ["?", "suspect"],
};

/** A checkpoint as a row of a table and, below it, what stands behind it. Both stay while a run goes on, open ones open. */
export class CheckpointRow {
  readonly elements: readonly HTMLTableRowElement[];
  readonly #shape = element("td");
  readonly #difference = element("td", { class: "number" });
  readonly #tolerance = element("td", { class: "number" });
  readonly #status = element("td");
  readonly #details: HTMLTableCellElement;
  /** The checkpoint as it is drawn, to be compared. */
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
