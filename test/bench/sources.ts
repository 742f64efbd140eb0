import { readFile } from "node:fs/promises";
import path from "node:path";
import type { SourceFile } from "../eval/positions";

export type { SourceFile };

/** Files that the bundled model was not trained on. */
export async function heldOutFiles(): Promise<SourceFile[]> {
  const lines = (await readFile(path.resolve("test/eval/data/files.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as SourceFile);
}
