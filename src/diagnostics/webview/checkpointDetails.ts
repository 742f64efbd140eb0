import type { CheckpointView, ComparisonView } from "../views";
import { bar, element, table } from "./dom";
import { brackets, scientific, tensorNumber } from "./format";

/** What stands behind a checkpoint: what is compared, each comparison with its numbers, and what to look at when it fails. */
export function checkpointDetails({ compares, guidance, result }: CheckpointView): Node[] {
  const parts = result?.parts ?? [];
  return [
    element("p", {}, element("b", {}, "Compared: "), `${compares}.`),
    element("p", {}, element("b", {}, "When it fails: "), guidance),
    ...parts.map((part) => comparison(part, parts.length === 1 || !part.passed)),
  ];
}

function comparison(part: ComparisonView, open: boolean): HTMLElement {
  const { name, shape, maxAbsDiff, at, tolerance, passed, note, histogram } = part;
  const where = at.length > 0 ? ` at ${brackets(at)}` : "";
  const figures = `${scientific(maxAbsDiff)}${where}, allowed ${scientific(tolerance)}`;
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
    { title: "Index", numeric: true },
    { title: "Reference", numeric: true },
    { title: "Engine", numeric: true },
  ];
  const rows = expected.map((value, i) => [String(i), tensorNumber(value), tensorNumber(actual[i] ?? null)]);
  return table(`First values of ${name}`, columns, rows);
}

/** How many differences there are of each magnitude, as bars with their counts. */
function histogramOf({ edges, counts }: ComparisonView["histogram"]): HTMLElement {
  const most = Math.max(1, ...counts);
  const columns = [{ title: "Difference" }, { title: "Numbers", numeric: true }, { title: "" }];
  const rows = counts.flatMap((count, i) => {
    if (count === 0) return [];
    return [[binName(edges, i), String(count), bar(count / most)]];
  });
  const drawn = table("How large the differences are", columns, rows);
  drawn.classList.add("histogram");
  drawn.querySelectorAll("tr > :last-child").forEach((cell) => cell.setAttribute("aria-hidden", "true"));
  return drawn;
}

/** Bin i holds what is above edge i − 1 and not above edge i. */
function binName(edges: readonly number[], bin: number): string {
  const edge = edges[bin];
  if (bin === 0) return "none";
  return edge === undefined ? `above ${scientific(edges.at(-1) ?? 0)}` : `to ${scientific(edge)}`;
}
