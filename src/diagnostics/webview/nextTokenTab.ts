import type { CandidateRow, NextTokenView } from "../protocol";
import { element, table } from "./dom";
import { milliseconds, percent, visibleText } from "./format";

/** Draws the likeliest next tokens at the cursor. */
export function renderNextToken(view: NextTokenView): Node[] {
  switch (view.kind) {
    case "noEditor":
      return [note("Put the cursor into an editor to see which tokens the model expects there.")];
    case "opening":
      return [note("The model is being opened…")];
    case "failed":
      return [note(view.message)];
    case "table":
      return [place(view), candidateTable(view.candidates)];
  }
}

function note(text: string): HTMLElement {
  return element("p", { class: "note" }, text);
}

function place({ file, line, column, before, ms }: Extract<NextTokenView, { kind: "table" }>): HTMLElement {
  return element(
    "div",
    { class: "place" },
    element(
      "p",
      {},
      `${file}, line ${line}, column ${column}`,
      element("span", { class: "quiet" }, ` · ${milliseconds(ms)}`),
    ),
    element("p", { class: "before" }, element("bdi", {}, visibleText(before)), element("span", { class: "caret" })),
  );
}

function candidateTable(candidates: readonly CandidateRow[]): HTMLElement {
  const columns = [
    { title: "Rank", numeric: true },
    { title: "Token" },
    { title: "Id", numeric: true },
    { title: "Logit", numeric: true },
    { title: "Probability", numeric: true },
    { title: "" },
  ];
  const rows = candidates.map(({ token, text, logit, probability }, i) => [
    String(i + 1),
    element("bdi", { class: "token" }, visibleText(text)),
    String(token),
    logit.toFixed(3),
    percent(probability),
    bar(probability),
  ]);
  const drawn = table("The likeliest next tokens", columns, rows);
  drawn.classList.add("candidates");
  // The bars repeat the column before them: nothing to announce.
  drawn.querySelectorAll("tr > :last-child").forEach((cell) => cell.setAttribute("aria-hidden", "true"));
  return drawn;
}

function bar(share: number): HTMLElement {
  const filled = element("div", { class: "bar" });
  filled.style.inlineSize = `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
  return filled;
}
