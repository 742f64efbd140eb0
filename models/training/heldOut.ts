/** Lines that say less are found everywhere and are left out of the comparison. */
const shortestLine = 12;
/** So many lines in a row are one window. */
const windowLines = 5;
/** A file is a copy when so large a share of its windows is in the held-out texts. */
const copied = 0.3;

/**
 * Knows the texts that a model will be evaluated on, and tells which files must not be trained on: those of which a good part stands in
 * one of the held-out texts as well, whatever their names and their indentation.
 */
export class HeldOutTexts {
  readonly #windows = new Set<string>();

  add(text: string): void {
    for (const window of windowsOf(text)) this.#windows.add(window);
  }

  hasCopyOf(text: string): boolean {
    const windows = windowsOf(text);
    const known = windows.filter((window) => this.#windows.has(window)).length;
    return known > 0 && known >= copied * windows.length;
  }
}

function windowsOf(text: string): string[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= shortestLine);
  const count = Math.min(lines.length, Math.max(1, lines.length - windowLines + 1));
  return Array.from({ length: count }, (_, start) => lines.slice(start, start + windowLines).join("\n"));
}
