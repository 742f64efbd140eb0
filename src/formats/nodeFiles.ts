import { constants } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ByteSource, ModelFiles } from "./byteSource";
import { ModelFileError } from "./errors";
import { cutShort } from "./memory";
import { modelFileNames } from "./modelFolder";

/** Opening a named pipe would otherwise wait until somebody writes into it. */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file on disk, held open until it is disposed. */
export class FileSource implements ByteSource {
  readonly #handle: FileHandle;

  private constructor(
    readonly name: string,
    readonly size: number,
    handle: FileHandle,
  ) {
    this.#handle = handle;
  }

  /** @throws ModelFileError when there is no such file, it is a pipe or a device, or it may not be read */
  static async open(path: string): Promise<FileSource> {
    const name = basename(path);
    return readable(name, async () => {
      const handle = await open(path, withoutWaiting);
      try {
        const state = await handle.stat();
        if (!state.isFile())
          throw new ModelFileError(`${name} is not a regular file but a pipe, a device or a folder.`);
        return new FileSource(name, state.size, handle);
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) throw cutShort(this, offset, length);
    return readable(this.name, async () => {
      const bytes = into?.subarray(0, length) ?? new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw cutShort(this, offset, length);
        done += bytesRead;
      }
      return bytes;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/**
 * The model at a path: a folder with its files, or one file of it (weights in any format, a shard, an index, `config.json`).
 * @throws ModelFileError when there is nothing there that can be opened
 */
export async function nodeModelFiles(path: string): Promise<ModelFiles> {
  const whole = resolve(path);
  return readable(path, async () => {
    if ((await stat(whole)).isDirectory()) {
      return new FolderFiles(basename(whole), whole, modelFileNames(await fileNames(whole)));
    }
    const inExports = basename(dirname(whole)) === exports;
    const folder = inExports ? dirname(dirname(whole)) : dirname(whole);
    const file = inExports ? `${exports}/${basename(whole)}` : basename(whole);
    const names = modelFileNames(await fileNames(folder), file);
    const isWholeFolder = /^(model\.safetensors|pytorch_model\.bin)(\.index\.json)?$|^config\.json$/.test(file);
    return new FolderFiles(isWholeFolder ? basename(folder) : file, folder, names);
  });
}

/** The files in a folder, and those in its `onnx/`, where exports are put beside the original. */
async function fileNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  if (!entries.some((entry) => entry.name === exports && entry.isDirectory())) return names;
  const exported = await readdir(join(folder, exports), { withFileTypes: true });
  return [...names, ...exported.filter((entry) => !entry.isDirectory()).map(({ name }) => `${exports}/${name}`)];
}

/** The folder of exports in that of a model. */
const exports = "onnx";

class FolderFiles implements ModelFiles {
  readonly #folder: string;

  constructor(
    readonly name: string,
    folder: string,
    readonly names: readonly string[],
  ) {
    this.#folder = folder;
  }

  async open(name: string): Promise<ByteSource> {
    if (!this.names.includes(name)) throw new ModelFileError(`${this.name} has no file ${name}.`);
    return FileSource.open(join(this.#folder, name));
  }
}

/** Runs a file operation; its errors become messages that say what went wrong with which file. */
async function readable<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new ModelFileError(`There is no ${name}. Check the path.`);
    if (code === "EACCES" || code === "EPERM") throw new ModelFileError(`${name} may not be read: no permission.`);
    throw new ModelFileError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
