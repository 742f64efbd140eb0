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
