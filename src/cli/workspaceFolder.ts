import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { holdsSecrets } from "../completion/core/secrets";
import type { FolderAccess } from "../completion/core/workspace/folderAccess";
import { FolderRules } from "../completion/core/workspace/folderRules";
import { FolderWalk } from "../completion/core/workspace/folderWalk";
import { mostFileBytes } from "../completion/core/workspace/text";
import { WorkspaceIndex } from "../completion/core/workspace/workspaceIndex";
import { InputError } from "../generation/errors";

/** What the editor excludes unless its settings say otherwise. */
const excluded = ["**/.svn", "**/.hg", "**/node_modules", "**/bower_components"];
/** The editor's default of `gpt2.workspace.memory`, in bytes. */
const budget = 64 << 20;

/** A document that is open in the workspace, saved or not. */
export interface OpenFile {
  /** A file URL. */
  readonly uri: string;
  /** With `\n` line breaks. */
  readonly text: string;
}

/** The index of a folder's text. */
export interface IndexedFolder {
  readonly index: WorkspaceIndex;
  /** Whether files were left out because the memory of the index is full. */
  readonly full: boolean;
}

/**
 * Indexes the files of a folder as the editor does: those that are ignored, binary, too large or may hold secrets are left out. Those near
 * the open file come first.
 * @throws InputError when there is no such folder
 */
export async function indexFolder(folder: string, open: OpenFile, signal: AbortSignal): Promise<IndexedFolder> {
  const root = await realFolder(folder);
  const index = new WorkspaceIndex(budget);
  const openPath = fileURLToPath(open.uri);
  if (!holdsSecrets(openPath)) index.open(open.uri, open.text);
  let full = false;
  for await (const { path, content } of folderFiles(root, pathWithin(root, openPath), signal)) {
    full = index.set(pathToFileURL(join(root, path)).href, content) === "full";
    if (full || signal.aborted) break;
  }
  index.flush();
  return { index, full };
}

/** A file of a folder, by its path relative to it, with `/`. */
export interface FolderFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * The files of a folder that the editor would index, read one by one.
 * @param start path of the file whose neighbors come first; empty for no preference
 */
export async function* folderFiles(folder: string, start: string, signal: AbortSignal): AsyncGenerator<FolderFile> {
  const access = folderAccess(folder);
  const walk = new FolderWalk(access, new FolderRules(access, excluded), signal);
  for await (const path of walk.from(start)) {
    const content = await readSmallFile(join(folder, path));
    if (content) yield { path, content };
  }
}

/** The file's path relative to the folder, with `/`; empty for a file elsewhere. */
function pathWithin(folder: string, file: string): string {
  const path = relative(folder, file).split(sep).join("/");
  return path.startsWith("../") || path === file.split(sep).join("/") ? "" : path;
}

/** @throws InputError */
async function realFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") throw new InputError(`There is no folder ${folder}.`);
    throw new InputError(`${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new InputError(`${folder} is a file, not a folder.`);
}

function folderAccess(folder: string): FolderAccess {
  return {
    list: async (path) => {
      const entries = await readdir(join(folder, path), { withFileTypes: true });
      return entries
        .filter((entry) => entry.isDirectory() || entry.isFile())
        .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    },
    read: (path) => readFile(join(folder, path)),
  };
}

/** @returns undefined for what is too large or cannot be read */
async function readSmallFile(file: string): Promise<Uint8Array | undefined> {
  try {
    return (await stat(file)).size > mostFileBytes ? undefined : await readFile(file);
  } catch {
    return undefined;
  }
}
