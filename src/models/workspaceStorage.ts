import { sha256 } from "@noble/hashes/sha2";
import { bytesToHex } from "@noble/hashes/utils";
import * as vscode from "vscode";
import { joinBytes } from "../hub/joinBytes";
import type { FileAppender, Hasher, ModelStorage } from "../hub/storage";

/** Bytes of a part of a file that is being received. */
const partBytes = 8 << 20;
/** Between writing a lock and looking whether another window has written one, too. */
const settleMs = 200;
const heartbeatMs = 5000;
const abandonedMs = 30_000;

/**
 * Models in a folder of the editor's file system, for hosts without one of their own. That can only write whole files, so a file that is
 * being received is a folder of parts, which {@link rename} joins.
 */
export class WorkspaceStorage implements ModelStorage {
  readonly redirects = "unchecked";
  readonly #root: vscode.Uri;

  constructor(root: vscode.Uri) {
    this.#root = root;
  }

  locate(path: string): string {
    const uri = this.#uri(path);
    // With an authority, even an empty one: `scheme:/path` would read as a path of the workspace.
    return uri.authority === "" ? `${uri.scheme}://${uri.path}` : uri.toString(true);
  }

  async names(folder: string): Promise<readonly string[]> {
    return (await this.#entries(folder)).map(([name]) => name);
  }

  async size(path: string): Promise<number | undefined> {
    try {
      const { type, size } = await vscode.workspace.fs.stat(this.#uri(path));
      if ((type & vscode.FileType.Directory) === 0) return size;
    } catch {
      return undefined;
    }
    const sizes = await Promise.all((await this.#parts(path)).map((part) => vscode.workspace.fs.stat(part)));
    return sizes.reduce((sum, { size }) => sum + size, 0);
  }

  async *read(path: string): AsyncIterable<Uint8Array> {
    const parts = await this.#parts(path);
    if (parts.length === 0) yield await vscode.workspace.fs.readFile(this.#uri(path));
    for (const part of parts) yield await vscode.workspace.fs.readFile(part);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await vscode.workspace.fs.writeFile(this.#uri(path), bytes);
  }

  async append(path: string): Promise<FileAppender> {
    await vscode.workspace.fs.createDirectory(this.#uri(path));
    let count = (await this.#parts(path)).length;
    let pending: Uint8Array[] = [];
    let length = 0;
    const flush = async () => {
      if (length === 0) return;
      const part = this.#uri(`${path}/${String(count).padStart(6, "0")}`);
      await vscode.workspace.fs.writeFile(part, joinBytes(pending, length));
      [count, pending, length] = [count + 1, [], 0];
    };
    return {
      write: async (bytes) => {
        pending.push(bytes);
        length += bytes.length;
        if (length >= partBytes) await flush();
      },
      [Symbol.asyncDispose]: flush,
    };
  }

  async rename(from: string, to: string): Promise<void> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of this.read(from)) {
      parts.push(part);
      length += part.length;
    }
    await vscode.workspace.fs.writeFile(this.#uri(to), joinBytes(parts, length));
    await this.remove(from);
  }

  async remove(path: string): Promise<void> {
    try {
      await vscode.workspace.fs.delete(this.#uri(path), { recursive: true });
    } catch (error) {
      if (!(error instanceof vscode.FileSystemError) || error.code !== "FileNotFound") throw error;
    }
  }

  async lock(name: string): Promise<AsyncDisposable | undefined> {
    const uri = this.#uri(`${name}.lock`);
    const owner = crypto.randomUUID();
    const touch = async () =>
      vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(JSON.stringify({ owner, time: Date.now() })));
    const current = await lockOf(uri);
    if (current !== undefined && Date.now() - current.time < abandonedMs) return undefined;
    await touch();
    // There is no exclusive creation here: of those who write at the same time, the last one has the lock.
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    if ((await lockOf(uri))?.owner !== owner) return undefined;
    const heartbeat = setInterval(() => void touch(), heartbeatMs);
    return {
      [Symbol.asyncDispose]: async () => {
        clearInterval(heartbeat);
        if ((await lockOf(uri))?.owner === owner) await this.remove(`${name}.lock`);
      },
    };
  }

  freeBytes(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  sha256(): Hasher {
    const hash = sha256.create();
    return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
  }

  #uri(path: string): vscode.Uri {
    return path === "" ? this.#root : vscode.Uri.joinPath(this.#root, path);
  }

  async #entries(folder: string): Promise<readonly [string, vscode.FileType][]> {
    try {
      return await vscode.workspace.fs.readDirectory(this.#uri(folder));
    } catch {
      return [];
    }
  }

  /** The parts of a file that is being received, in order; none for a whole file. */
  async #parts(path: string): Promise<vscode.Uri[]> {
    const names = (await this.#entries(path)).map(([name]) => name);
    return names.toSorted().map((name) => this.#uri(`${path}/${name}`));
  }
}

async function lockOf(uri: vscode.Uri): Promise<{ readonly owner: string; readonly time: number } | undefined> {
  try {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    const { owner, time } = JSON.parse(text) as { owner?: unknown; time?: unknown };
    return typeof owner === "string" && typeof time === "number" ? { owner, time } : undefined;
  } catch {
    return undefined;
  }
}
