import type { ByteSource, ModelFiles } from "../../src/formats/byteSource";
import { ModelFileError } from "../../src/formats/errors";
import { MemoryFiles } from "../../src/formats/memory";
import { inspectFiles } from "../../src/gpt2/weights/inspect";
import { openWeights } from "../../src/gpt2/weights/openWeights";
import { tensorShapes } from "../../src/gpt2/weights/tensorShapes";
import { TokenIds } from "../../src/tokenizer/tokenIds";
import { tokenizerFor } from "../../src/tokenizer/tokenizerFor";
import { baseModels, type Files } from "./baseModels";
import { mutate } from "./mutations";
import { Random } from "./random";

/** What became of the files that were tried. */
export interface FuzzReport {
  readonly tried: number;
  readonly refused: number;
  /** Milliseconds that the slowest file took. */
  readonly slowest: number;
  /** Files that were neither refused with a message nor opened: what was done to which, and what went wrong. */
  readonly failures: readonly string[];
}

/**
 * Damages models in every format and opens them. Each must be refused with a `ModelFileError`, or open and be read from end to end.
 * @param seed the same seed damages the same files in the same way
 */
export async function fuzzFormats(count: number, seed: number): Promise<FuzzReport> {
  const random = new Random(seed);
  const bases = [...(await baseModels())];
  let refused = 0;
  let slowest = 0;
  const failures: string[] = [];
  for (let i = 0; i < count; i++) {
    const [format, files] = random.pick(bases);
    const { damaged, done } = damage(files, random);
    const watched = watch(new MemoryFiles("fuzzed", damaged));
    const started = performance.now();
    try {
      if (!(await opensWhole(watched.files))) refused++;
    } catch (error) {
      failures.push(`case ${i}, ${format}, ${done}: ${error instanceof Error ? (error.stack ?? "") : String(error)}`);
    }
    slowest = Math.max(slowest, performance.now() - started);
    const left = watched.openSources();
    if (left > 0) failures.push(`case ${i}, ${format}, ${done}: ${left} files were left open`);
  }
  return { tried: count, refused, slowest, failures };
}

function damage(files: Files, random: Random): { damaged: Files; done: string } {
  const name = random.pick([...files.keys()]);
  const { bytes, done } = mutate(files.get(name) ?? new Uint8Array(), random);
  return { damaged: new Map([...files, [name, bytes]]), done: `${name}: ${done}` };
}

/** @returns whether a model could be opened and read. @throws what is no refusal */
export async function opensWhole(files: ModelFiles): Promise<boolean> {
  try {
    await inspectFiles(files);
    await using weights = await openWeights(files);
    for (const name of tensorShapes(weights.config).keys()) await weights.read(name);
    const tokenizer = tokenizerFor(weights.config, weights.vocabulary);
    if (!(tokenizer instanceof TokenIds)) tokenizer.decode(tokenizer.encode("the  the 12\n"));
    return true;
  } catch (error) {
    if (!(error instanceof ModelFileError) || error.message.length < 10) throw error;
    return false;
  }
}

/** Counts the sources that are open. */
function watch(files: ModelFiles): { readonly files: ModelFiles; readonly openSources: () => number } {
  let count = 0;
  const open = async (name: string): Promise<ByteSource> => {
    const source = await files.open(name);
    count++;
    let closed = false;
    const close = source[Symbol.asyncDispose].bind(source);
    source[Symbol.asyncDispose] = () => {
      if (!closed) count--;
      closed = true;
      return close();
    };
    return source;
  };
  return { files: { name: files.name, names: files.names, open }, openSources: () => count };
}
