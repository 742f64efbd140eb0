import { isJsonObject } from "../formats/json";
import { DownloadError } from "./errors";
import { bytesThere } from "./fileDownload";
import type { ModelReference } from "./repository";
import { type ModelStorage, readText } from "./storage";

/** What is stored beside a model's files. */
export interface ModelRecord extends ModelReference {
  readonly commit: string;
  readonly license: string | undefined;
  /** False from the start of a download to its end. */
  readonly complete: boolean;
  readonly files: readonly { readonly name: string; readonly size: number | undefined }[];
}

/** A model in the storage, or a part of one. */
export interface InstalledModel extends ModelRecord {
  readonly folder: string;
  /** On disk. */
  readonly bytes: number;
  /** When complete; undefined where the hub did not say. */
  readonly totalBytes: number | undefined;
}

const recordName = "download.json";

/** The models in the storage, by name. Folders that are no models are left out. */
export async function installedModels(storage: ModelStorage): Promise<InstalledModel[]> {
  const models: InstalledModel[] = [];
  for (const folder of [...(await storage.names(""))].sort()) {
    const record = await readRecord(storage, folder);
    if (record !== undefined) models.push({ ...record, folder, ...(await sizesOf(storage, folder, record)) });
  }
  return models;
}

/**
 * Deletes a model, or what there is of one.
 * @throws DownloadError while another window downloads it
 */
export async function deleteModel(storage: ModelStorage, folder: string): Promise<void> {
  await using lock = await storage.lock(folder);
  if (lock === undefined) {
    throw new DownloadError("busy", `${folder} is being downloaded, maybe by another window. Cancel that first.`);
  }
  await storage.remove(folder);
}

/** Whether all of a download's files are there. */
export async function isComplete(storage: ModelStorage, folder: string, wanted: ModelRecord): Promise<boolean> {
  const record = await readRecord(storage, folder);
  if (record?.complete !== true || record.commit !== wanted.commit) return false;
  for (const { name, size } of wanted.files) {
    const there = await storage.size(`${folder}/${name}`);
    if (there === undefined || (size !== undefined && there !== size)) return false;
  }
  return true;
}

/** Writes what is known of a model. Files of another commit are deleted first: they would be taken for parts of this one. */
export async function writeRecord(storage: ModelStorage, folder: string, record: ModelRecord): Promise<void> {
  const former = await readRecord(storage, folder);
  if (former !== undefined && former.commit !== record.commit) await storage.remove(folder);
  await storage.write(`${folder}/${recordName}`, new TextEncoder().encode(JSON.stringify(record, undefined, 2)));
}

async function sizesOf(storage: ModelStorage, folder: string, { files }: ModelRecord) {
  let bytes = 0;
  for (const { name } of files) bytes += await bytesThere(storage, `${folder}/${name}`);
  const isKnown = files.every(({ size }) => size !== undefined);
  return { bytes, totalBytes: isKnown ? files.reduce((sum, { size = 0 }) => sum + size, 0) : undefined };
}

async function readRecord(storage: ModelStorage, folder: string): Promise<ModelRecord | undefined> {
  const path = `${folder}/${recordName}`;
  if ((await storage.size(path)) === undefined) return undefined;
  const text = await readText(storage, path);
  try {
    return parseRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function parseRecord(value: unknown): ModelRecord | undefined {
  if (!isJsonObject(value) || !Array.isArray(value["files"])) return undefined;
  const { repository, file, commit, license, complete } = value;
  if (typeof repository !== "string" || typeof commit !== "string") return undefined;
  return {
    repository,
    ...(typeof file === "string" && { file }),
    commit,
    license: typeof license === "string" ? license : undefined,
    complete: complete === true,
    files: value["files"].flatMap((entry: unknown) => {
      const { name, size }: Readonly<Record<string, unknown>> = isJsonObject(entry) ? entry : {};
      return typeof name === "string" ? [{ name, size: typeof size === "number" ? size : undefined }] : [];
    }),
  };
}
