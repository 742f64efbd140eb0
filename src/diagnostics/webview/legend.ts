import { element } from "./dom";
import type { Scale } from "./scale";

/** What the steps stand for. */
export function legend({ steps, write }: Scale): HTMLElement {
  const entries = steps.map((begin, i) =>
    element("li", {}, element("span", { class: `swatch shade-${i + 1}` }), `from ${write(begin)}`),
  );
  return element("ul", { class: "legend", "aria-label": "Shades" }, ...entries);
}
