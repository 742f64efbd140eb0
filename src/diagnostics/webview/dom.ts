type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Makes an element. Children that are strings become text nodes: text from documents and models cannot turn into markup, because
 * nothing on this page is ever parsed as HTML.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** Makes an element of a drawing, under the same rule. */
export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, String(value));
  }
  made.append(...children);
  return made;
}

/** A button that does something. */
export function action(label: string, run: () => void): HTMLButtonElement {
  const button = element("button", { type: "button", class: "action" }, label);
  button.addEventListener("click", run);
  return button;
}

/** A bar as long as a share between 0 and 1; none for 0. */
export function bar(share: number): HTMLElement {
  const filled = element("div", { class: "bar", hidden: share <= 0 });
  filled.style.inlineSize = percentage(share);
  return filled;
}

/** A share between 0 and 1 as a length of the style sheet. */
export function percentage(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
}

/** A sentence in place of something. */
export function note(text: string, kind: "note" | "failure" = "note"): HTMLElement {
  return element("p", { class: kind }, text);
}

/**
 * Puts new content in place of the old. Where the focus was in the old, it goes to the element of the new with the same `data-key`,
 * so that an update does not throw a person out who works with the keys. What was scrolled sideways stays so.
 */
export function replaceContent(container: HTMLElement, ...content: readonly (Node | string)[]): void {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && container.contains(focused) ? focused.dataset["key"] : undefined;
  const scrolled = [...container.querySelectorAll<HTMLElement>(".wide[data-key]")].map((old) => {
    return [old.dataset["key"], old.scrollLeft] as const;
  });
  container.replaceChildren(...content);
  const heirs = [...container.querySelectorAll<HTMLElement>("[data-key]")];
  const heirOf = (wanted: string | undefined) => heirs.find((heir) => heir.dataset["key"] === wanted);
  if (key !== undefined) heirOf(key)?.focus();
  for (const [name, left] of scrolled) heirOf(name)?.scrollTo({ left });
}

/** A part of the page, usually a table, that scrolls in itself where it is wider than the panel, with the keys too. */
export function wide(label: string, ...content: readonly Node[]): HTMLElement {
  const attributes = { class: "wide", role: "region", "aria-label": label, tabindex: 0 };
  return element("div", { ...attributes, "data-key": `wide ${label}` }, ...content);
}

/** A column of a {@link table}. */
export interface Column {
  readonly title: string;
  readonly numeric?: boolean;
}

/** A table with a caption and a header row. The first cell of each row names the row. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Node | string)[])[],
): HTMLTableElement {
  const header = columns.map(({ title, numeric }) =>
    element("th", { scope: "col", class: numeric && "number" }, title),
  );
  const body = rows.map((cells) =>
    element(
      "tr",
      {},
      ...cells.map((cell, i) => {
        const attributes = { class: columns[i]?.numeric && "number" };
        return i === 0 ? element("th", { scope: "row", ...attributes }, cell) : element("td", attributes, cell);
      }),
    ),
  );
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...header)),
    element("tbody", {}, ...body),
  );
}
