import * as vscode from "vscode";
import type { IndexClient } from "../../core/workspace/client";
import { mostFileBytes } from "../../core/workspace/text";
import type { FileContent } from "../../core/workspace/worker/protocol";

/** So many files are read before the index has them; all are in memory meanwhile. */
const mostFilesAtOnce = 16;
/** Bytes that are sent at once, unless a single file has more: to copy them holds the thread. */
const mostBytesAtOnce = 1 << 20;

/** Reads files and adds them to an index. It takes one lot of them after the other, so that little waits in memory. */
export class FileReader {
  readonly #index: IndexClient;
  readonly #signal: AbortSignal;
  constructor(index: IndexClient, signal: AbortSignal) {
    this.#index = index;
    this.#signal = signal;
  }

  /** @returns whether the index is full; files that come later are not read then */
  async read(files: AsyncIterable<vscode.Uri> | Iterable<vscode.Uri>): Promise<boolean> {
    let lot: vscode.Uri[] = [];
    for await (const file of files) {
      if (this.#signal.aborted) return false;
      lot.push(file);
      if (lot.length < mostFilesAtOnce) continue;
      if (await this.#addLot(lot)) return true;
      lot = [];
    }
    return this.#addLot(lot);
  }

  async #addLot(files: readonly vscode.Uri[]): Promise<boolean> {
    const contents = await Promise.all(files.map(readFile));
    for (const group of groups(contents.filter((content) => content !== undefined))) {
      if (this.#signal.aborted) return false;
      if (await this.#index.add(group)) return true;
    }
    return false;
  }
}

function groups(files: readonly FileContent[]): FileContent[][] {
  const found: FileContent[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    bytes += file.content.length;
    if (bytes > mostBytesAtOnce) {
      found.push([]);
      bytes = file.content.length;
    }
    found.at(-1)?.push(file);
  }
  return found;
}

/** @returns undefined for what cannot be read or is too large; it may be gone by now */
async function readFile(file: vscode.Uri): Promise<FileContent | undefined> {
  try {
    const { size, type } = await vscode.workspace.fs.stat(file);
    if (size > mostFileBytes || type !== vscode.FileType.File) return undefined;
    return { uri: file.toString(), content: await vscode.workspace.fs.readFile(file) };
  } catch {
    return undefined;
  }
}
