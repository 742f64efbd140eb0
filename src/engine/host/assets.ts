/** The built files beside the extension: what a worker is started from. */
export interface EngineAssets {
  /** Path of the folder, for hosts with a file system. */
  readonly folder: string;
  /** Reads one file by its path below the folder, for hosts without. */
  read(path: string): Promise<Uint8Array>;
}
