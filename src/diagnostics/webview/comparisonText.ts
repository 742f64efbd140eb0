import type { BackendComparisonRow } from "../backendViews";
import { scientific } from "./format";
import { l10n } from "./l10n";

/** What a comparison found, in sentences. */
export function comparisonText(row: BackendComparisonRow): string {
  const [one, other] = row.backends;
  const { problem, first, logits = null, flips = [], positions = 0 } = row;
  if (problem !== undefined) return l10n.t("{0} and {1}: not compared. {2}", one, other, problem);
  const found = first
    ? l10n.t(
        "first difference in checkpoint {0}, {1}, {2} ({3}): {4}, allowed {5}.",
        first.checkpoint.number,
        first.checkpoint.name,
        first.layer === undefined ? l10n.t("after the layers") : l10n.t("layer {0}", first.layer),
        first.name,
        scientific(first.maxAbsDiff),
        scientific(first.tolerance),
      )
    : l10n.t("no tensor differs by more than the tolerance.");
  const likeliest =
    flips.length === 0
      ? l10n.t("The likeliest token is the same at all {0} positions.", positions)
      : l10n.t(
          "Another token is the likeliest at {0} of {1} positions: {2}.",
          flips.length,
          positions,
          flips.join(", "),
        );
  const largest = l10n.t("Largest difference of two logits: {0}.", scientific(logits));
  return [l10n.t("{0} and {1}: {2}", one, other, found), largest, likeliest].join(" ");
}
