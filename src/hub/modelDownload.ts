import type { HubClient } from "./client";
import { catalogModel } from "./catalog";
import type { DownloadError } from "./errors";
import { downloadFile } from "./fileDownload";
import { isComplete, type ModelRecord, writeRecord } from "./installedModels";
import { checkSpace } from "./space";
import { folderName, listRepository, modelFilesIn, type HubFile, type ModelReference } from "./repository";
import { defaultRetryPolicy, type RetryPolicy } from "./retry";
import type { ModelStorage } from "./storage";
import { wait } from "./timeouts";
import { TransferRate } from "./transferRate";

/** What is going to be downloaded, for the person to agree to. */
export interface DownloadPlan {
  readonly reference: ModelReference;
  readonly folder: string;
  readonly commit: string;
  /** By the hub's identifier; undefined where it names none. */
  readonly license: string | undefined;
  readonly files: readonly HubFile[];
  readonly totalBytes: number;
}

export type DownloadProgress =
  /** Another window downloads the same model. */
  | { readonly kind: "waiting" }
  | { readonly kind: "retrying"; readonly error: DownloadError; readonly delayMs: number }
  | {
      readonly kind: "receiving";
      readonly bytes: number;
      readonly totalBytes: number;
      readonly bytesPerSecond: number | undefined;
      readonly secondsLeft: number | undefined;
    };

export interface DownloadOptions {
  readonly client: HubClient;
  readonly storage: ModelStorage;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly policy?: RetryPolicy;
  /** How often to look whether another window is done. 1 s unless given. */
  readonly pollMs?: number;
}

/**
 * Asks the hub what a model consists of.
 * @throws DownloadError
 */
export async function planDownload(
  client: HubClient,
  reference: ModelReference,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const known = catalogModel(reference.repository);
  const listing = await listRepository(client, reference.repository, known?.revision ?? "main", signal);
  const files = modelFilesIn(reference, listing).map((file) => ({
    ...file,
    sha256: known?.sha256.get(file.name) ?? file.sha256,
  }));
  return {
    reference,
    folder: folderName(reference),
    commit: listing.commit,
    license: known?.license ?? listing.license,
    files,
    totalBytes: files.reduce((sum, { size = 0 }) => sum + size, 0),
  };
}

/**
 * Downloads a model, or the rest of one. Where another window is at it, this waits, and goes on if that window is closed.
 * @returns what `gpt2.model` calls the model
 * @throws DownloadError, or the signal's reason; a later download goes on where this one ended.
 */
export async function downloadModel(plan: DownloadPlan, options: DownloadOptions): Promise<string> {
  const lock = await lockWhenFree(plan.folder, options);
  try {
    await downloadMissing(plan, options);
  } finally {
    await lock[Symbol.asyncDispose]();
  }
  return options.storage.locate(modelPath(plan));
}

/** The folder of a model, or the file that a person chose among several. */
export function modelPath({ folder, reference }: Pick<DownloadPlan, "folder" | "reference">): string {
  return reference.file === undefined ? folder : `${folder}/${reference.file}`;
}

async function downloadMissing(plan: DownloadPlan, options: DownloadOptions): Promise<void> {
  const { storage } = options;
  const record = recordOf(plan, false);
  if (await isComplete(storage, plan.folder, record)) return;
  await checkSpace(storage, plan);
  await writeRecord(storage, plan.folder, record);
  await receiveFiles(plan, options);
  await writeRecord(storage, plan.folder, recordOf(plan, true));
}

async function lockWhenFree(folder: string, { storage, signal, onProgress, pollMs = 1000 }: DownloadOptions) {
  for (;;) {
    signal.throwIfAborted();
    const lock = await storage.lock(folder);
    if (lock !== undefined) return lock;
    onProgress({ kind: "waiting" });
    await wait(pollMs, signal);
  }
}

async function receiveFiles(plan: DownloadPlan, options: DownloadOptions): Promise<void> {
  const { client, storage, signal, onProgress, policy = defaultRetryPolicy } = options;
  const rate = new TransferRate();
  const { totalBytes } = plan;
  let before = 0;
  for (const file of plan.files) {
    const { repository } = plan.reference;
    const source = `${repository}/resolve/${plan.commit}/${file.name}`;
    const target = `${plan.folder}/${file.name}`;
    const onBytes = (ofFile: number) => {
      const bytes = before + ofFile;
      rate.add(performance.now(), bytes);
      const secondsLeft = rate.secondsFor(totalBytes - bytes);
      onProgress({ kind: "receiving", bytes, totalBytes, bytesPerSecond: rate.bytesPerSecond, secondsLeft });
    };
    const onRetry = (error: DownloadError, delayMs: number) => onProgress({ kind: "retrying", error, delayMs });
    before += await downloadFile(
      { file, repository, source, target },
      { client, storage, policy, signal, onBytes, onRetry },
    );
  }
}

function recordOf({ reference, commit, license, files }: DownloadPlan, complete: boolean): ModelRecord {
  return { ...reference, commit, license, complete, files: files.map(({ name, size }) => ({ name, size })) };
}
