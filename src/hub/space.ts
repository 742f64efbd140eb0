import { DownloadError } from "./errors";
import { bytesThere } from "./fileDownload";
import type { HubFile } from "./repository";
import type { ModelStorage } from "./storage";

/** Kept free besides the model: for prepared weights, the editor and everything else. */
const marginBytes = 64 << 20;

/** @throws DownloadError `space` when the rest of a model does not fit on the disk */
export async function checkSpace(
  storage: ModelStorage,
  { folder, files }: { readonly folder: string; readonly files: readonly HubFile[] },
): Promise<void> {
  const free = await storage.freeBytes();
  if (free === undefined) return;
  let missing = 0;
  for (const { name, size = 0 } of files) {
    missing += Math.max(0, size - (await bytesThere(storage, `${folder}/${name}`)));
  }
  if (missing === 0 || missing + marginBytes <= free) return;
  throw new DownloadError(
    "space",
    `The download needs ${megabytes(missing + marginBytes)} MB, and the disk has ${megabytes(free)} MB free. ` +
      "Delete something, such as a model that is no longer used.",
  );
}

/** The error of a write for which there is no space. */
export function diskFull(cause: unknown): DownloadError {
  const message =
    "The disk is full. What was downloaded is kept: free some space and download the model again to go on, or delete it.";
  return new DownloadError("space", message, { cause });
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
