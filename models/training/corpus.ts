import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";

/** A file of the corpus. */
export interface CorpusFile {
  readonly repo: string;
  readonly path: string;
  readonly lang: string;
  readonly text: string;
}

/**
 * The files of a corpus, in its order: a line of JSON each, in a `.jsonl` or `.jsonl.xz` file (the latter needs the program `xz`).
 * Lines end at a newline and nowhere else: `readline` also splits at U+2028, which source files contain.
 * @throws Error when the file cannot be read or a line is not such an object.
 */
export async function* readCorpus(path: string): AsyncGenerator<CorpusFile> {
  let number = 0;
  for await (const line of linesOf(path.endsWith(".xz") ? unpacked(path) : createReadStream(path))) {
    number++;
    yield parse(line, `${path}, line ${number}`);
  }
  if (number === 0) throw new Error(`${path} holds no files.`);
}

/** What `xz` unpacks, which ends well only if `xz` does: else a broken archive would be taken for a short one. */
async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const xz = spawn("xz", ["--decompress", "--stdout", path], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<string>((resolve) => {
    xz.once("error", (error) => resolve(`the program xz did not start (${error.message})`));
    xz.once("close", (code) => resolve(`xz ended with ${String(code)}`));
  });
  try {
    yield* xz.stdout as AsyncIterable<Buffer>;
    const how = await ended;
    if (how !== "xz ended with 0") throw new Error(`${path} could not be unpacked: ${how}.`);
  } finally {
    xz.kill();
  }
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

function parse(line: string, place: string): CorpusFile {
  const file: unknown = JSON.parse(line);
  if (isCorpusFile(file)) return file;
  throw new Error(`${place}: expected an object with the strings repo, path, lang and text.`);
}

function isCorpusFile(value: unknown): value is CorpusFile {
  if (typeof value !== "object" || value === null) return false;
  return ["repo", "path", "lang", "text"].every((key) => typeof Reflect.get(value, key) === "string");
}
