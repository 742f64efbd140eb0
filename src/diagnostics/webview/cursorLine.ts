import type { EmptyView, CursorPosition } from "../views";
import { element, note } from "./dom";
import { milliseconds } from "./format";
import { l10n } from "./l10n";

/** Where a tab that follows the cursor shows its place in the text. Until the first answer it says that there will be one. */
export function placeLine(): HTMLElement {
  return element("div", { class: "place" }, note(l10n.t("Computing…")));
}

/** Why a tab that follows the cursor is empty. */
export function emptyState(view: EmptyView): HTMLElement {
  switch (view.kind) {
    case "noEditor":
      return note(l10n.t("Place the cursor in an editor to see how the model reads the text before it."));
    case "opening":
      return note(l10n.t("Loading the model…"));
    case "unsupported":
      return note(l10n.t("The backend does not give access to these values of the model."));
    case "failed":
      return note(view.message, "failure");
  }
}

/** The cursor position, facts about it, and how long the query took. */
export function cursorLine({ file, line, column }: CursorPosition, facts: readonly string[], ms: number): HTMLElement {
  return element(
    "p",
    {},
    l10n.t("{0}, line {1}, column {2}", file, line, column),
    element("span", { class: "quiet" }, ...[...facts, milliseconds(ms)].map((fact) => ` · ${fact}`)),
  );
}
