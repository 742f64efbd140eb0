import { action, element } from "../../diagnostics/webview/dom";
import { l10n } from "../../diagnostics/webview/l10n";
import type { Field } from "./fields";

/**
 * The LoRA adapter that the texts are written with. It comes with the prompt, from the document that this is from; here it can only be
 * cleared. Hidden where there is none.
 * @param onClear called after it was cleared here
 */
export function adapterField(onClear: () => void): Field<string> {
  const name = element("span");
  const clear = action(l10n.t("Clear"), () => {
    show("");
    onClear();
  });
  const hint = l10n.t("The LoRA adapter for the document that the prompt is from.");
  const line = element("div", { class: "model" }, name, clear);
  const field = element(
    "div",
    { class: "field", title: hint, hidden: true },
    element("span", {}, l10n.t("Adapter")),
    line,
  );
  const show = (value: string) => {
    name.textContent = value;
    field.hidden = value === "";
    clear.setAttribute("aria-label", l10n.t("Write without the adapter {0}", value));
  };
  return {
    element: field,
    get value() {
      return name.textContent;
    },
    set value(value: string) {
      show(value);
    },
  };
}
