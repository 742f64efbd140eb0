export type Cell = string | number | undefined;

/** Lines of a table: the first column to the left, the others to the right, numbers with as many digits as matter. */
export function tableLines(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const texts = [head, ...rows.map((row) => row.map(cellText))];
  const widths = head.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? "").length)));
  return texts.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

export function printTable(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  if (rows.length === 0) return;
  console.log(`\n${title}\n`);
  for (const line of tableLines(head, rows)) console.log(`  ${line}`);
}

function cellText(cell: Cell): string {
  if (typeof cell !== "number") return cell ?? "–";
  if (!Number.isFinite(cell)) return "–";
  return cell.toFixed(Math.abs(cell) < 10 ? 2 : Math.abs(cell) < 100 ? 1 : 0);
}
