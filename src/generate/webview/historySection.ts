import { action, element, note, replaceContent } from "../../diagnostics/webview/dom";
import { l10n } from "../../diagnostics/webview/l10n";
import type { HistoryRow, ToHost, ToPage } from "../protocol";

/** The last generations of the workspace. */
export class HistorySection {
  readonly element: HTMLDetailsElement;
  readonly #post: (message: ToHost) => void;
  readonly #list = element("div");

  constructor(post: (message: ToHost) => void, open: boolean, onToggle: (open: boolean) => void) {
    this.#post = post;
    this.element = element(
      "details",
      { class: "history", open },
      element("summary", {}, l10n.t("History")),
      this.#list,
    );
    this.element.addEventListener("toggle", () => onToggle(this.element.open));
  }

  show({ on, rows }: NonNullable<ToPage["history"]>): void {
    if (!on) replaceContent(this.#list, note(l10n.t("The history is turned off (gpt2.generate.history).")));
    else if (rows.length === 0) replaceContent(this.#list, note(l10n.t("Nothing was generated yet.")));
    else {
      replaceContent(
        this.#list,
        element("ul", { class: "entries" }, ...rows.map((row) => this.#row(row))),
        action(l10n.t("Clear History"), () => this.#post({ kind: "clearHistory" })),
      );
    }
  }

  #row({ id, at, model, prompt, text, texts }: HistoryRow): HTMLElement {
    const act = (label: string, what: "view" | "repeat" | "remove") => {
      const button = action(label, () => this.#post({ kind: "history", id, action: what }));
      button.dataset["key"] = `${id} ${what}`;
      return button;
    };
    const when = new Date(at).toLocaleString();
    const count = texts === 1 ? l10n.t("1 text") : l10n.t("{0} texts", texts);
    return element(
      "li",
      {},
      element("p", { class: "quiet" }, [when, model, count].filter((part) => part !== "").join(" · ")),
      element("p", { class: "excerpt" }, element("bdi", {}, prompt), element("bdi", { class: "written" }, text)),
      element(
        "div",
        { class: "actions" },
        act(l10n.t("View"), "view"),
        act(l10n.t("Repeat"), "repeat"),
        act(l10n.t("Delete"), "remove"),
      ),
    );
  }
}
