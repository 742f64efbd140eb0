import { readFile } from "node:fs/promises";
import { InputError } from "../generation/errors";

/** The content of a text file in UTF-8. @throws InputError when it cannot be read */
export async function readTextFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") throw new InputError(`There is no file ${file}.`);
    if (code === "EISDIR") throw new InputError(`${file} is a folder, not a file.`);
    throw new InputError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
