import { type IndexedFile, wholeFile } from "./chunk";
import { EditableText } from "./editableText";
import { boundary } from "./positions";
import type { PlacedChunk } from "./segment";
import { encodeText } from "./text";

/** A replacement in a text, in UTF-16 code units, as the editor reports it. */
export interface TextChange {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** The text of an open document as it is in the editor, with its own line breaks. */
export class OpenText {
  readonly #uri: string;
  readonly #text: EditableText;
  #encoded: { readonly text: Uint8Array; readonly placed: PlacedChunk } | undefined;
  /** Whether a segment has this text, so that it need not be searched here. */
  indexed = false;

  constructor(uri: string, text: string) {
    this.#uri = uri;
    this.#text = new EditableText(text);
  }

  /** Characters. */
  get length(): number {
    return this.#text.length;
  }

  /** Bytes of memory, two for each character. */
  get memory(): number {
    return 2 * this.#text.length + (this.#encoded?.text.byteLength ?? 0);
  }

  /** @param changes in the order in which they are to be made */
  edit(changes: readonly TextChange[]): void {
    for (const { offset, length, text } of changes) this.#text.replace(offset, length, text);
    this.#encoded = undefined;
    this.indexed = false;
  }

  /** The text as UTF-8 between two {@link boundary} bytes. */
  get searchable(): { readonly text: Uint8Array; readonly placed: PlacedChunk } {
    return (this.#encoded ??= this.#encode());
  }

  /** The text as UTF-8; what {@link searchable} kept in memory is let go. */
  takeBytes(): Uint8Array {
    const bytes = this.searchable.text.slice(1, -1);
    this.#encoded = undefined;
    return bytes;
  }

  #encode() {
    const bytes = encodeText(this.#text.toString());
    const text = new Uint8Array(bytes.length + 2).fill(boundary);
    text.set(bytes, 1);
    const file: IndexedFile = { uri: this.#uri, length: bytes.length, current: true };
    return { text, placed: { chunk: wholeFile(file), base: 1 } };
  }
}
