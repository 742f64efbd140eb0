/** Reads a workspace folder. Paths are relative to it, with `/`; those of folders end with one, and the folder's own is empty. */
export interface FolderAccess {
  /** The folders and regular files in a folder, without symbolic links. Rejects when it cannot be read. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  /** Rejects when the file cannot be read. */
  read(file: string): Promise<Uint8Array>;
}

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}
