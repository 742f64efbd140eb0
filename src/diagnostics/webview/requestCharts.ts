import type { RequestRow } from "../engineViews";
import { bar, element, svg } from "./dom";
import { milliseconds } from "./format";
import { latencyBins, phasesOf, phaseTimes, quantile } from "./requestFigures";
import { l10n } from "./l10n";

const width = 600;
const rowHeight = 12;
const rowGap = 3;

/** The last requests as bars on one scale of time, the newest on top, each made of its phases. The table has the same figures. */
export function timeline(recent: readonly RequestRow[]): HTMLElement {
  const phases = phasesOf(recent);
  const longest = Math.max(1, ...recent.map(({ totalMs }) => totalMs));
  const height = recent.length * (rowHeight + rowGap);
  const bars = recent.map((request, row) => {
    const times = phaseTimes(request);
    let start = 0;
    const parts = phases.map(({ id }) => {
      const x = (start / longest) * width;
      start += times[id];
      return svg("rect", {
        class: `phase ${id}`,
        x: x.toFixed(2),
        y: row * (rowHeight + rowGap),
        width: ((times[id] / longest) * width).toFixed(2),
        height: rowHeight,
      });
    });
    const described = phasesOf([request])
      .map(({ id, title }) => `${title} ${milliseconds(times[id])}`)
      .join(", ");
    return svg("g", {}, svg("title", {}, `${milliseconds(request.totalMs)}: ${described}`), ...parts);
  });
  const drawing = svg(
    "svg",
    {
      class: "timeline",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": l10n.t(
        "The last {0} requests, the longest {1}. The table below has the figures.",
        recent.length,
        milliseconds(longest),
      ),
    },
    ...bars,
  );
  drawing.style.blockSize = `${height}px`;
  const keys = phases.map(({ id, title }) =>
    element("li", {}, element("span", { class: `swatch phase ${id}` }), title),
  );
  return element(
    "section",
    {},
    element("h2", {}, l10n.t("Timeline")),
    drawing,
    element("p", { class: "axis quiet", "aria-hidden": "true" }, element("span", {}, "0"), milliseconds(longest)),
    element("ul", { class: "legend" }, ...keys),
  );
}

/** How many of the last requests took how long to their first token. */
export function latencies(recent: readonly RequestRow[]): HTMLElement {
  const times = recent.map(({ firstTokenMs }) => firstTokenMs);
  const bins = latencyBins(times);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const rows = bins.map(({ from, to, count }) => {
    const range = to === Infinity ? l10n.t("{0} ms and more", from) : l10n.t("{0} to {1} ms", from, to);
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, range),
      element("td", { class: "number" }, String(count)),
      element("td", { "aria-hidden": "true" }, bar(count / most)),
    );
  });
  const caption = l10n.t(
    "First token: median {0}, 95th percentile {1}",
    milliseconds(quantile(times, 0.5)),
    milliseconds(quantile(times, 0.95)),
  );
  return element("table", { class: "histogram" }, element("caption", {}, caption), element("tbody", {}, ...rows));
}
