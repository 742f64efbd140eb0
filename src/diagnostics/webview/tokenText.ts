import { element } from "./dom";
import { visibleText } from "./format";

/** A token's text as it is, kept apart from its surroundings' direction. */
export function tokenText(text: string): HTMLElement {
  return element("bdi", { class: "token" }, visibleText(text));
}
