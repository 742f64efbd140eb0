import { element } from "./dom";
import { l10n } from "./l10n";

/** A section of the panel: a tab and what it shows. */
export interface Section<Id extends string> {
  readonly id: Id;
  readonly title: string;
  readonly content: HTMLElement;
}

/** The tab bar and its sections, with the keys and roles of the ARIA tabs pattern (arrows, Home, End). */
export class TabBar<Id extends string> {
  readonly #onSelect: (id: Id) => void;
  readonly element: HTMLElement;
  readonly #tabs: readonly { readonly id: Id; readonly button: HTMLElement; readonly panel: HTMLElement }[];

  /** @param onSelect called with each section that the person turns to. */
  constructor(sections: readonly Section<Id>[], onSelect: (id: Id) => void) {
    this.#onSelect = onSelect;
    this.#tabs = sections.map(({ id, title, content }) => {
      const button = element("button", { role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}` }, title);
      const panel = element(
        "section",
        { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, tabindex: 0 },
        content,
      );
      button.addEventListener("click", () => this.#choose(id));
      return { id, button, panel };
    });
    const list = element(
      "div",
      { role: "tablist", "aria-label": l10n.t("Diagnostics") },
      ...this.#tabs.map(({ button }) => button),
    );
    list.addEventListener("keydown", (event) => this.#onKey(event));
    this.element = element("main", {}, list, ...this.#tabs.map(({ panel }) => panel));
  }

  /** Shows a section without calling the listener. */
  show(id: Id): void {
    for (const tab of this.#tabs) {
      const selected = tab.id === id;
      tab.button.setAttribute("aria-selected", String(selected));
      tab.button.tabIndex = selected ? 0 : -1;
      tab.panel.hidden = !selected;
    }
  }

  #choose(id: Id): void {
    this.show(id);
    this.#onSelect(id);
  }

  #onKey(event: KeyboardEvent): void {
    const now = this.#tabs.findIndex(({ button }) => button === document.activeElement);
    const last = this.#tabs.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: now === last ? 0 : now + 1,
      ArrowLeft: now === 0 ? last : now - 1,
      Home: 0,
      End: last,
    };
    const tab = this.#tabs[targets[event.key] ?? -1];
    if (now < 0 || !tab) return;
    event.preventDefault();
    tab.button.focus();
    this.#choose(tab.id);
  }
}
