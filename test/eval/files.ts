import { readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { languageOf } from "../../src/cli/language";
import { folderFiles } from "../../src/cli/workspaceFolder";
import { pathComment } from "../../src/completion/core/languages";

export const heldOutPath = "test/eval/data/files.jsonl";

/** A file that no model was trained on, or one to train the baseline on. */
export interface SourceFile {
  readonly repo: string;
  readonly path: string;
  /** `typescript`, `tsx`, `javascript` or `python`. */
  readonly lang: string;
  /** With `\n` line ends. */
  readonly text: string;
}

/**
 * Reads files, one JSON object a line, or those of a repository's folder in the languages that are evaluated.
 * @throws Error naming the line that is none
 */
export async function readSourceFiles(path: string): Promise<SourceFile[]> {
  if ((await stat(path)).isDirectory()) return readFolder(path);
  const lines = (await readFile(path, "utf8")).split("\n");
  return lines.flatMap((line, index) => (line === "" ? [] : [parseSourceFile(line, `${path}:${index + 1}`)]));
}

/** Longer lines are generated, and nobody writes them. */
const longestLine = 1000;
/** What a language is called in `SourceFile`, by its identifier in VS Code. */
export const languageNames: Readonly<Record<string, string>> = {
  typescript: "typescript",
  typescriptreact: "tsx",
  javascript: "javascript",
  javascriptreact: "javascript",
  python: "python",
};

async function readFolder(folder: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const repo = basename(resolve(folder));
  for await (const { path, content } of folderFiles(resolve(folder), "", new AbortController().signal)) {
    const lang = languageNames[languageOf(path)];
    const text = new TextDecoder().decode(content).replaceAll("\r\n", "\n");
    if (lang === undefined || text.split("\n").some(({ length }) => length > longestLine)) continue;
    files.push({ repo, path, lang, text });
  }
  return files;
}

/** Files in the repository that the bundled model was not trained on. */
export async function heldOutFiles(): Promise<SourceFile[]> {
  return readSourceFiles(heldOutPath);
}

/** The line with the path that stands before a file's text. */
export function headerOf({ path }: SourceFile): string {
  return pathComment(path, languageOf(path));
}

/** @param where what a message calls the line */
export function parseSourceFile(line: string, where: string): SourceFile {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null) throw new Error(`${where} is no JSON object.`);
  const field = (name: string) => {
    const found: unknown = Reflect.get(value, name);
    if (typeof found !== "string") throw new Error(`${where} has no text “${name}”.`);
    return found;
  };
  const text = field("text").replace(/^\ufeff/, "");
  return { repo: field("repo"), path: field("path"), lang: field("lang"), text: text.replaceAll("\r\n", "\n") };
}
