/** Characters of a piece when it is cut; a piece that has grown to twice as many is cut again. */
const pieceLength = 4096;

/** A text in pieces, so that an edit copies one of them and not the whole text: a tool may make thousands of edits in a second. */
export class EditableText {
  readonly #pieces: string[];
  #length: number;

  constructor(text: string) {
    this.#pieces = cut(text);
    this.#length = text.length;
  }

  /** Characters. */
  get length(): number {
    return this.#length;
  }

  /** Replaces `length` characters from `offset` on. */
  replace(offset: number, length: number, text: string): void {
    const first = this.#pieceAt(offset);
    const last = this.#pieceAt(offset + length, first);
    const start = this.#pieces[first.index] ?? "";
    const end = this.#pieces[last.index] ?? "";
    const joined = start.slice(0, offset - first.start) + text + end.slice(offset + length - last.start);
    this.#pieces.splice(first.index, last.index - first.index + 1, ...cut(joined));
    this.#length += text.length - length;
  }

  toString(): string {
    return this.#pieces.join("");
  }

  /** The piece that holds an offset, or ends there. @param from a piece that is not after it */
  #pieceAt(offset: number, from: PieceStart = { index: 0, start: 0 }): PieceStart {
    let { index, start } = from;
    for (; index < this.#pieces.length - 1; index++) {
      const end = start + (this.#pieces[index]?.length ?? 0);
      if (offset <= end) break;
      start = end;
    }
    return { index, start };
  }
}

/** A piece by its index, and the offset of its first character. */
interface PieceStart {
  readonly index: number;
  readonly start: number;
}

function cut(text: string): string[] {
  if (text.length <= 2 * pieceLength) return [text];
  return Array.from({ length: Math.ceil(text.length / pieceLength) }, (_, index) =>
    text.slice(index * pieceLength, (index + 1) * pieceLength),
  );
}
