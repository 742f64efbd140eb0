import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreparedWeightsCache } from "./preparedWeightsCache";

const ending = ".weights";

interface FolderCacheOptions {
  /** The most files that are kept; the oldest are deleted. */
  readonly entries?: number;
  /** Instead of Node's, for tests. */
  readonly write?: (file: string, bytes: Uint8Array) => Promise<void>;
}

/** A cache in a folder. The folder is created with the first entry. */
export function nodePreparedWeightsCache(
  folder: string,
  { entries = 3, write = writeFile }: FolderCacheOptions = {},
): PreparedWeightsCache {
  const file = (key: string) => join(folder, createHash("sha256").update(key).digest("hex").slice(0, 32) + ending);
  return {
    async get(key) {
      try {
        const { buffer, byteOffset, length } = await readFile(file(key));
        return new Uint8Array(buffer, byteOffset, length);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async put(key, bytes) {
      await mkdir(folder, { recursive: true });
      // Another window may be reading or writing the same file: it appears whole or not at all.
      const temporary = join(folder, `${randomUUID()}.tmp`);
      try {
        await write(temporary, bytes);
        await rename(temporary, file(key));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await removeOldest(folder, entries);
    },
  };
}

async function removeOldest(folder: string, keep: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  const dated = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
  );
  dated.sort((a, b) => b.time - a.time);
  for (const { name } of dated.slice(keep)) await rm(join(folder, name), { force: true });
}
