/**
 * Random access to the bytes of a model file, wherever they live: a file handle in Node, a buffer in the browser.
 * Readers ask for the ranges they need, so that a file is never held twice in memory.
 */
export interface ByteSource extends AsyncDisposable {
  /** What a message to a person calls this source: a file name, not a whole path. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /**
   * Reads `length` bytes from `offset` on. The array may be a view of shared memory: do not write to it.
   * @param into memory of at least `length` bytes for a source that has to copy; without it, that allocates some
   * @throws ModelFileError when the range is not inside the source (a truncated file).
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
}

/** The files of one model by base name: a single `.gguf`, or `config.json`, `model.safetensors` and so on. */
export interface ModelFiles {
  /** What a person calls the model: a file or folder name. */
  readonly name: string;
  /** The base names that are there. */
  readonly names: readonly string[];
  /** Opens one of {@link names}. The caller disposes what it opened. */
  open(name: string): Promise<ByteSource>;
}
