import { element } from "./dom";
import type { Scale } from "./scale";
import { l10n } from "./l10n";

/** The meaning of the shades. */
export function legend({ steps, write }: Scale): HTMLElement {
  const entries = steps.map((begin, i) =>
    element("li", {}, element("span", { class: `swatch shade-${i + 1}` }), l10n.t("from {0}", write(begin))),
  );
  return element("ul", { class: "legend", "aria-label": l10n.t("Shades") }, ...entries);
}
