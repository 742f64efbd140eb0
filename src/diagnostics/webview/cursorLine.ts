import type { EmptyView, CursorPosition } from "../views";
import { element, note } from "./dom";
import { milliseconds } from "./format";

/** Says why a tab that follows the cursor is empty. */
export function emptyState(view: EmptyView): HTMLElement {
  switch (view.kind) {
    case "noEditor":
      return note("Put the cursor into an editor to see what the model makes of the text before it.");
    case "opening":
      return note("The model is being opened…");
    case "unsupported":
      return note("The backend does not give access to the model's inner values.");
    case "failed":
      return note(view.message, "failure");
  }
}

/** Where the cursor is, what else there is to say of it, and how long the answer took. */
export function cursorLine({ file, line, column }: CursorPosition, facts: readonly string[], ms: number): HTMLElement {
  return element(
    "p",
    {},
    `${file}, line ${line}, column ${column}`,
    element("span", { class: "quiet" }, ...[...facts, milliseconds(ms)].map((fact) => ` · ${fact}`)),
  );
}
