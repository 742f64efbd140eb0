import { readFile, stat } from "node:fs/promises";
import { InputError } from "../generation/errors";

/** The content of a text file in UTF-8. @throws InputError when the file is missing, is not a regular file, or is not UTF-8 text */
export async function readTextFile(file: string): Promise<string> {
  const bytes = await readBytes(file);
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isWide) throw new InputError(`${file} is text in UTF-16; save it as UTF-8.`);
  if (bytes.includes(0)) throw new InputError(`${file} is not a text file: it holds zero bytes.`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError(`${file} is not text in UTF-8; save it as that.`);
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    // Reading a pipe could wait for ever.
    const state = await stat(file);
    if (state.isDirectory()) throw new InputError(`${file} is a folder, not a file.`);
    if (!state.isFile()) throw new InputError(`${file} is not a regular file.`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") throw new InputError(`There is no file ${file}.`);
    throw new InputError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
