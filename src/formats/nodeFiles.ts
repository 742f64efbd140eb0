import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ByteSource, ModelFiles } from "./byteSource";
import { ModelFileError } from "./errors";
import { cutShort } from "./memory";

/** A file on disk, held open until it is disposed. */
export class FileSource implements ByteSource {
  private constructor(
    readonly name: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  /** @throws ModelFileError when there is no such file or it may not be read */
  static async open(path: string): Promise<FileSource> {
    const name = basename(path);
    return readable(name, async () => {
      const handle = await open(path, "r");
      try {
        return new FileSource(name, (await handle.stat()).size, handle);
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) throw cutShort(this, offset, length);
    return readable(this.name, async () => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await this.handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw cutShort(this, offset, length);
        done += bytesRead;
      }
      return bytes;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }
}

/** Files that describe a model and lie beside its weights. */
const companions = /^(config|tokenizer|tokenizer_config|vocab|special_tokens_map)\.json$|^merges\.txt$/;

/**
 * The model at a path: a folder with its files, or one `.gguf` or `.safetensors` file (with the `config.json` beside it).
 * @throws ModelFileError when there is nothing there that can be opened
 */
export async function nodeModelFiles(path: string): Promise<ModelFiles> {
  const whole = resolve(path);
  return readable(path, async () => {
    if ((await stat(whole)).isDirectory()) return new FolderFiles(basename(whole), whole, await readdir(whole));
    const [file, folder] = [basename(whole), dirname(whole)];
    const names = /\.gguf$/i.test(file) ? [] : (await readdir(folder)).filter((name) => companions.test(name));
    return new FolderFiles(file === "model.safetensors" ? basename(folder) : file, folder, [file, ...names]);
  });
}

class FolderFiles implements ModelFiles {
  constructor(
    readonly name: string,
    private readonly folder: string,
    readonly names: readonly string[],
  ) {}

  async open(name: string): Promise<ByteSource> {
    if (!this.names.includes(name)) throw new ModelFileError(`${this.name} has no file ${name}.`);
    return FileSource.open(join(this.folder, name));
  }
}

/** Runs something that touches the disk and tells a person what went wrong with which file. */
async function readable<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new ModelFileError(`There is no ${name}. Check the path of the model.`);
    if (code === "EACCES" || code === "EPERM") throw new ModelFileError(`${name} may not be read: no permission.`);
    throw new ModelFileError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
