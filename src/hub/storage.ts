/** A file that is being written at its end. */
export interface FileAppender extends AsyncDisposable {
  /** @throws DownloadError `space` when the disk is full */
  write(bytes: Uint8Array): Promise<void>;
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  /** In hexadecimal. */
  digest(): string;
}

/** The folder of downloaded models. Paths are relative to it, `FOLDER` or `FOLDER/FILE`. */
export interface ModelStorage {
  /** Whether this host can follow redirects one by one, see `HubClientOptions.redirects`. */
  readonly redirects: "checked" | "unchecked";
  /** What the setting `gpt2.model` calls a path: the file system's, or a URI. */
  locate(path: string): string;
  /** Names in a folder; none where there is no such folder. */
  names(folder: string): Promise<readonly string[]>;
  /** Bytes of a file; undefined where there is none. */
  size(path: string): Promise<number | undefined>;
  /** A file's content from its start, in parts. */
  read(path: string): AsyncIterable<Uint8Array>;
  /** Writes a small file: whole or not at all. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Opens a file at its end; creates it and its folder if need be. */
  append(path: string): Promise<FileAppender>;
  /** Moves a file over another one. What was appended is on disk then. */
  rename(from: string, to: string): Promise<void>;
  /** Deletes a file or folder with all that is in it, if there is one. */
  remove(path: string): Promise<void>;
  /**
   * Takes a lock that other windows and programs respect.
   * @returns the lock to dispose, or undefined while another one holds it and is alive
   */
  lock(name: string): Promise<AsyncDisposable | undefined>;
  /** Free bytes on the disk; undefined where that cannot be known. */
  freeBytes(): Promise<number | undefined>;
  sha256(): Hasher;
}

/** A file's content as text. */
export async function readText(storage: ModelStorage, path: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of storage.read(path)) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}
