import { action, bar, element, table } from "../../diagnostics/webview/dom";
import { percent, visibleText } from "../../diagnostics/webview/format";
import { l10n } from "../../diagnostics/webview/l10n";
import { rove } from "../../diagnostics/webview/roving";
import type { AlternativeView, TokenView } from "../protocol";

/** A token that is no text: the model's end of text. */
const special = /^<\|\w+\|>$/;

export interface AlternativesOptions {
  /** Called with the index of an alternative that is to take the token's place. */
  readonly onBranch: (alternative: number) => void;
  readonly onClose: () => void;
}

/** The tokens that could stand in place of one, with their probabilities; each branches the text. */
export function alternativesTable(
  { text, alternatives }: TokenView,
  { onBranch, onClose }: AlternativesOptions,
): HTMLElement {
  const columns = [{ title: l10n.t("Token") }, { title: l10n.t("Probability"), numeric: true }, { title: "" }];
  const rows = alternatives.map((alternative, i) => [
    branchButton(alternative, () => onBranch(i)),
    percent(alternative.probability),
    bar(alternative.probability),
  ]);
  const caption = l10n.t("In place of {0}", visibleText(text));
  const shown = element(
    "div",
    { class: "alternatives" },
    table(caption, columns, rows),
    action(l10n.t("Close"), onClose),
  );
  shown.querySelectorAll("tr > :last-child").forEach((cell) => cell.setAttribute("aria-hidden", "true"));
  rove(shown, "button.pick")();
  return shown;
}

function branchButton({ text, chosen }: AlternativeView, onBranch: () => void): HTMLElement {
  const name = visibleText(text);
  const content = element("bdi", { class: "token" }, name);
  if (chosen) return element("span", { class: "chosen" }, content, ` ${l10n.t("(chosen)")}`);
  if (special.test(text)) return content;
  const label = l10n.t("Branch with {0}", name);
  const button = element("button", { type: "button", class: "pick", title: label, "aria-label": label }, content);
  button.addEventListener("click", onBranch);
  return button;
}
