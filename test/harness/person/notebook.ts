/** The sources of a notebook's cells, from the text of its file. */
export function cellTexts(file: string): string[] {
  return cellsOf(file).map(({ source }) => source.join(""));
}

/** The same notebook with empty cells. */
export function withoutSources(file: string): string {
  const notebook = JSON.parse(file) as object;
  const cells = cellsOf(file).map((cell) => ({ ...cell, source: [] }));
  return `${JSON.stringify({ ...notebook, cells }, undefined, 1)}\n`;
}

function cellsOf(file: string): { readonly source: readonly string[] }[] {
  return (JSON.parse(file) as { cells: { source: string[] }[] }).cells;
}
