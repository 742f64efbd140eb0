/**
 * Packs token sequences into rows of a fixed length without padding: samples stand whole in one row, running text flows around them
 * and goes on in a later row.
 */
export class RowPacker {
  #row: number[] = [];
  /** Running text that waits for room, and how much of it is used up. */
  #waiting: number[] = [];
  #used = 0;

  constructor(
    private readonly length: number,
    /** Is given each finished row. */
    private readonly emit: (row: Uint16Array) => void,
  ) {}

  addRunningText(tokens: readonly number[]): void {
    for (const token of tokens) this.#waiting.push(token);
  }

  /** A sample of at most a row's length. @returns false when it does not fit into the row and no running text is there to fill that up. */
  addSample(tokens: readonly number[]): boolean {
    if (this.#row.length + tokens.length > this.length && !this.#fillRow()) return false;
    this.#row.push(...tokens);
    if (this.#row.length === this.length) this.#finishRow();
    return true;
  }

  /** Makes rows of running text while more than `reserve` tokens of it wait. */
  flush(reserve = 0): void {
    while (this.#waiting.length - this.#used > reserve && this.#fillRow());
  }

  #fillRow(): boolean {
    const missing = this.length - this.#row.length;
    if (this.#waiting.length - this.#used < missing) return false;
    for (let i = 0; i < missing; i++) this.#row.push(this.#waiting[this.#used++] ?? 0);
    this.#finishRow();
    if (this.#used > 1 << 20) {
      this.#waiting = this.#waiting.slice(this.#used);
      this.#used = 0;
    }
    return true;
  }

  #finishRow(): void {
    this.emit(Uint16Array.from(this.#row));
    this.#row = [];
  }
}
