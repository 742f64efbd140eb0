import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { diskFull } from "../space";
import type { FileAppender, Hasher, ModelStorage } from "../storage";
import { takeLock } from "./nodeLock";

/** Models in a folder of the file system. It is created with the first file. */
export class NodeStorage implements ModelStorage {
  readonly redirects = "checked";
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  locate(path: string): string {
    return join(this.#root, path);
  }

  async names(folder: string): Promise<readonly string[]> {
    return (await ifThere(() => readdir(this.locate(folder)))) ?? [];
  }

  async size(path: string): Promise<number | undefined> {
    const state = await ifThere(() => stat(this.locate(path)));
    return state?.isFile() === true ? state.size : undefined;
  }

  read(path: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.locate(path), { highWaterMark: 1 << 20 });
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const file = this.locate(path);
    const temporary = `${file}.${randomUUID()}.tmp`;
    await mkdir(dirname(file), { recursive: true });
    try {
      await writing(() => writeFile(temporary, bytes));
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async append(path: string): Promise<FileAppender> {
    const file = this.locate(path);
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(file, "a");
    return {
      write: (bytes) => writing(() => handle.appendFile(bytes)),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    // Without this, a crash of the machine could leave a file of the right length with zeros in it.
    const handle = await open(this.locate(from), "r+");
    try {
      await writing(() => handle.sync());
    } finally {
      await handle.close();
    }
    await rename(this.locate(from), this.locate(to));
  }

  async remove(path: string): Promise<void> {
    await rm(this.locate(path), { recursive: true, force: true });
  }

  async lock(name: string): Promise<AsyncDisposable | undefined> {
    await mkdir(this.#root, { recursive: true });
    return takeLock(this.locate(`${name}.lock`));
  }

  async freeBytes(): Promise<number | undefined> {
    await mkdir(this.#root, { recursive: true });
    const { bavail, bsize } = await statfs(this.#root);
    return bavail * bsize;
  }

  sha256(): Hasher {
    const hash = createHash("sha256");
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
  }
}

async function ifThere<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** @throws DownloadError when the disk or the person's share of it is full */
async function writing(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw diskFull(error);
    throw error;
  }
}
