import { ModelFileError } from "../formats/errors";
import { isJsonObject, type JsonObject } from "../formats/json";
import { modelFileNames } from "../formats/modelFolder";
import { formatByEnding } from "../formats/registry";
import type { HubClient } from "./client";
import { DownloadError, SeveralModelsError } from "./errors";

/** A model on a hub, as a person names it. */
export interface ModelReference {
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** The weights to use, where a repository has several. */
  readonly file?: string;
}

/** A file on a hub. */
export interface HubFile {
  readonly name: string;
  /** Bytes; undefined where the hub does not say. */
  readonly size: number | undefined;
  /** In hexadecimal; undefined for small files, of which the hub knows none. */
  readonly sha256: string | undefined;
}

export interface RepositoryListing {
  /** The commit that the files belong to. */
  readonly commit: string;
  /** The license by its identifier, such as `mit`; undefined where none is named. */
  readonly license: string | undefined;
  readonly files: readonly HubFile[];
}

const repositoryName = /^[\w][\w.-]{0,95}\/[\w][\w.-]{0,95}$/;
/** No folders, nothing hidden: the name is used on disk too. */
const plainFileName = /^\w[\w.-]{0,200}$/;
const hexadecimal = /^[0-9a-f]{64}$/;

/**
 * Parses `OWNER/NAME`, `OWNER/NAME/FILE`, or an address of one of these.
 * @throws DownloadError when it is none of them
 */
export function parseReference(text: string): ModelReference {
  const path = text.trim().replace(/^https?:\/\/[^/]+\//, "");
  const [owner = "", name = "", ...rest] = path.replace(/\/+$/, "").split("/");
  const repository = `${owner}/${name}`;
  const [file, another] = /^(blob|resolve|tree)$/.test(rest[0] ?? "") ? rest.slice(2) : rest;
  if (!repositoryName.test(repository) || another !== undefined || (file !== undefined && !plainFileName.test(file))) {
    throw new DownloadError(
      "missing",
      `“${text}” is not the name of a model on the hub. Write OWNER/NAME, such as openai-community/gpt2.`,
    );
  }
  return file === undefined ? { repository } : { repository, file };
}

/** The name of a model in the storage: unique, and usable on every file system. */
export function folderName({ repository, file }: ModelReference): string {
  return [repository.replace("/", "--"), ...(file === undefined ? [] : [file])].join("--");
}

/**
 * Asks a hub for the files of a repository, with sizes and hashes.
 * @param revision a branch or commit
 * @throws DownloadError
 */
export async function listRepository(
  client: HubClient,
  repository: string,
  revision: string,
  signal: AbortSignal,
): Promise<RepositoryListing> {
  const path = `api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const listing = await client.json(path, repository, signal);
  const { sha: commit, siblings } = listing;
  if (typeof commit !== "string" || !/^[0-9a-f]{40}$/.test(commit) || !Array.isArray(siblings)) {
    throw new DownloadError("unexpected", `${client.endpoint.host} does not list the files of ${repository}.`);
  }
  const files = siblings.flatMap((sibling: unknown) => (isJsonObject(sibling) ? hubFile(sibling) : []));
  return { commit, license: licenseOf(listing), files };
}

function hubFile({ rfilename: name, size, lfs }: JsonObject): HubFile[] {
  if (typeof name !== "string" || !plainFileName.test(name)) return [];
  const hash = isJsonObject(lfs) ? lfs["sha256"] : undefined;
  return [
    {
      name,
      size: typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? size : undefined,
      sha256: typeof hash === "string" && hexadecimal.test(hash) ? hash : undefined,
    },
  ];
}

function licenseOf({ cardData, tags }: JsonObject): string | undefined {
  const inCard = isJsonObject(cardData) ? cardData["license"] : undefined;
  if (typeof inCard === "string") return inCard.slice(0, 100);
  const all: readonly unknown[] = Array.isArray(tags) ? tags : [];
  const tag = all.find((one): one is string => typeof one === "string" && one.startsWith("license:"));
  return tag?.slice("license:".length, 100);
}

/**
 * The files of a repository that a model consists of.
 * @param file the weights to use, where there are several
 * @throws DownloadError when there is no model, or it is unclear which is meant
 */
export function modelFilesIn(
  { repository, file }: ModelReference,
  { files }: Pick<RepositoryListing, "files">,
): readonly HubFile[] {
  const names = files.map(({ name }) => name);
  if (file !== undefined && !names.includes(file)) {
    throw new DownloadError("missing", `${repository} has no file ${file}.`);
  }
  const chosen = new Set(chosenNames(repository, names, file));
  const isWeights = (name: string) => formatByEnding(name) !== undefined;
  const weights = [...chosen].filter(isWeights);
  const [first] = weights;
  if (first === undefined) {
    throw new DownloadError("missing", `${repository} has no model in a format that can be read.`);
  }
  const hasIndex = [...chosen].some((name) => name.endsWith(".index.json"));
  const together = chosenNames(repository, names, first).filter(isWeights);
  if (!hasIndex && together.length < weights.length) {
    throw new SeveralModelsError(repository, weights);
  }
  // The small files first: they say at once whether access is granted.
  return files
    .filter(({ name }) => chosen.has(name))
    .sort((a, b) => Number(isWeights(a.name)) - Number(isWeights(b.name)) || a.name.localeCompare(b.name));
}

function chosenNames(repository: string, names: readonly string[], chosen: string | undefined): readonly string[] {
  try {
    return modelFileNames(names, chosen);
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    throw new DownloadError("missing", `${repository} is not complete: ${error.message}`, { cause: error });
  }
}
