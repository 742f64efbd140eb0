import type { ByteSource, ModelFiles } from "./byteSource";
import { ModelFileError } from "./errors";

/** Bytes that are in memory already. Reading gives views, not copies. */
export class MemorySource implements ByteSource {
  readonly #bytes: Uint8Array;

  constructor(
    readonly name: string,
    bytes: Uint8Array,
  ) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      return Promise.reject(cutShort(this, offset, length));
    }
    return Promise.resolve(this.#bytes.subarray(offset, offset + length));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** The files of a model that are in memory, by name. */
export class MemoryFiles implements ModelFiles {
  readonly #files: ReadonlyMap<string, Uint8Array>;

  constructor(
    readonly name: string,
    files: ReadonlyMap<string, Uint8Array>,
  ) {
    this.#files = files;
  }

  get names(): readonly string[] {
    return [...this.#files.keys()];
  }

  open(name: string): Promise<ByteSource> {
    const bytes = this.#files.get(name);
    if (bytes === undefined) return Promise.reject(new ModelFileError(`${this.name} has no file ${name}.`));
    return Promise.resolve(new MemorySource(name, bytes));
  }
}

/** What a source says of a range that it does not have. */
export function cutShort(source: { name: string; size: number }, offset: number, length: number): ModelFileError {
  return new ModelFileError(
    `${source.name} is cut short: it has ${source.size} bytes, and bytes ${offset} to ${offset + length} are needed. ` +
      "Download or copy it again.",
  );
}
