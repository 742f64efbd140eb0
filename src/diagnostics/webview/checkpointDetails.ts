import type { CheckpointView, ComparisonView } from "../views";
import { bar, element, table } from "./dom";
import { brackets, scientific, tensorNumber } from "./format";
import { l10n } from "./l10n";

/** The details of a checkpoint: what is compared, each comparison with its numbers, and what to look at when it fails. */
export function checkpointDetails({ compares, guidance, result }: CheckpointView): Node[] {
  const parts = result?.parts ?? [];
  return [
    element("p", {}, element("b", {}, l10n.t("Compared:")), ` ${compares}.`),
    element("p", {}, element("b", {}, l10n.t("When it fails:")), ` ${guidance}`),
    ...parts.map((part) => comparison(part, parts.length === 1 || !part.passed)),
  ];
}

function comparison(part: ComparisonView, open: boolean): HTMLElement {
  const { name, shape, maxAbsDiff, at, tolerance, passed, note, histogram } = part;
  const figures =
    at.length > 0
      ? l10n.t("{0} at {1}, allowed {2}", scientific(maxAbsDiff), brackets(at), scientific(tolerance))
      : l10n.t("{0}, allowed {1}", scientific(maxAbsDiff), scientific(tolerance));
  return element(
    "details",
    { open, class: "comparison" },
    element(
      "summary",
      {},
      `${passed ? "✓" : "✗"} ${name} `,
      element("span", { class: "quiet" }, `${brackets(shape)}: ${figures}`),
    ),
    ...(note === undefined ? [] : [element("p", {}, note)]),
    firstValues(part),
    histogramOf(histogram),
  );
}

function firstValues({ name, firstValues: { expected, actual } }: ComparisonView): HTMLElement {
  const columns = [
    { title: l10n.t("Index"), numeric: true },
    { title: l10n.t("Reference"), numeric: true },
    { title: l10n.t("Engine"), numeric: true },
  ];
  const rows = expected.map((value, i) => [String(i), tensorNumber(value), tensorNumber(actual[i] ?? null)]);
  return table(l10n.t("First values of {0}", name), columns, rows);
}

/** The number of differences of each magnitude, as bars with their counts. */
function histogramOf({ edges, counts }: ComparisonView["histogram"]): HTMLElement {
  const most = Math.max(1, ...counts);
  const columns = [{ title: l10n.t("Difference") }, { title: l10n.t("Numbers"), numeric: true }, { title: "" }];
  const rows = counts.flatMap((count, i) => {
    if (count === 0) return [];
    return [[binName(edges, i), String(count), bar(count / most)]];
  });
  const drawn = table(l10n.t("Distribution of the differences"), columns, rows);
  drawn.classList.add("histogram");
  drawn.querySelectorAll("tr > :last-child").forEach((cell) => cell.setAttribute("aria-hidden", "true"));
  return drawn;
}

/** Bin i holds values above edge i − 1 and up to edge i. */
function binName(edges: readonly number[], bin: number): string {
  const edge = edges[bin];
  if (bin === 0) return l10n.t("none");
  return edge === undefined
    ? l10n.t("above {0}", scientific(edges.at(-1) ?? 0))
    : l10n.t("up to {0}", scientific(edge));
}
