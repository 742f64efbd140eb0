import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a commit made of a file. Texts have `\n` line ends. */
export interface Change {
  readonly path: string;
  /** Undefined for a file that the commit added. */
  readonly before: string | undefined;
  /** Undefined for a file that the commit deleted. */
  readonly after: string | undefined;
  /** The lines that it added. */
  readonly hunks: readonly Hunk[];
}

/** Lines `[start, end)` that took the place of those before the line `oldEnd` of the former text, counted from zero. */
export interface Hunk {
  readonly oldEnd: number;
  readonly start: number;
  readonly end: number;
}

/** The last commits of a repository, the oldest first, and the texts of the files before them by their paths. */
export interface GitHistory {
  readonly start: ReadonlyMap<string, string>;
  readonly commits: readonly (readonly Change[])[];
}

/** Bytes that git prints at once. */
const mostOutput = 1 << 30;
const run = promisify(execFile);

/**
 * Reads the last commits on the first-parent line of a git repository.
 * @param isRead says which files are wanted
 * @throws Error when the folder is no git repository, or has fewer than two commits
 */
export async function readHistory(
  folder: string,
  count: number,
  isRead: (path: string) => boolean,
): Promise<GitHistory> {
  const list = await git(folder, "rev-list", "--first-parent", `--max-count=${count + 1}`, "HEAD");
  const ids = list.trim().split("\n").reverse();
  const [first = "", ...others] = ids;
  if (others.length === 0) throw new Error(`${folder} has no commit before its last one.`);
  const paths = (await git(folder, "ls-tree", "-r", "--name-only", "-z", first)).split("\0").filter(isRead);
  const texts = await readTexts(
    folder,
    paths.map((path) => `${first}:${path}`),
  );
  const commits: Change[][] = [];
  for (const [index, id] of others.entries()) commits.push(await changesOf(folder, ids[index] ?? first, id, isRead));
  return { start: new Map(paths.map((path, i) => [path, texts[i] ?? ""])), commits };
}

async function git(folder: string, ...args: string[]): Promise<string> {
  return (await run("git", ["-C", folder, ...args], { maxBuffer: mostOutput })).stdout;
}

/** The texts of objects such as `HEAD:path`, read by one process. */
function readTexts(folder: string, objects: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: mostOutput, encoding: "buffer" } as const;
    const child = execFile("git", ["-C", folder, "cat-file", "--batch"], options, (error, output) => {
      if (error) reject(new Error(`Git cannot read ${folder}.`, { cause: error }));
      else resolve(parseBatch(output, objects.length));
    });
    child.stdin?.end(objects.map((object) => `${object}\n`).join(""));
  });
}

/** Each object is a line with its id, kind and size, then its content and a line break. */
function parseBatch(output: Buffer, count: number): string[] {
  let at = 0;
  return Array.from({ length: count }, () => {
    const lineEnd = output.indexOf("\n", at);
    const size = Number(/ blob (\d+)$/.exec(output.toString("utf8", at, lineEnd))?.[1] ?? 0);
    at = lineEnd + 1 + size + (size > 0 ? 1 : 0);
    return output.toString("utf8", lineEnd + 1, lineEnd + 1 + size).replaceAll("\r\n", "\n");
  });
}

async function changesOf(
  folder: string,
  parent: string,
  id: string,
  isRead: (path: string) => boolean,
): Promise<Change[]> {
  const fields = (await git(folder, "diff", "--name-status", "--no-renames", "-z", parent, id)).split("\0");
  const changed = fields.flatMap((path, i) => {
    const status = fields[i - 1] ?? "";
    return i % 2 === 1 && isRead(path) && /^[AMD]$/.test(status) ? [{ path, status }] : [];
  });
  const texts = await readTexts(
    folder,
    changed.flatMap(({ path }) => [`${parent}:${path}`, `${id}:${path}`]),
  );
  const changes: Change[] = [];
  for (const [i, { path, status }] of changed.entries()) {
    const before = status === "A" ? undefined : texts[2 * i];
    const after = status === "D" ? undefined : texts[2 * i + 1];
    const diff =
      after === undefined ? "" : await git(folder, "diff", "--unified=0", "--no-renames", parent, id, "--", path);
    changes.push({ path, before, after, hunks: hunksOf(diff) });
  }
  return changes;
}

/** The hunks of a diff without context. */
export function hunksOf(diff: string): Hunk[] {
  return Array.from(diff.matchAll(/^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm), (found) => {
    const number = (group: number) => Number(found[group] ?? 1);
    // Git counts lines from one, and of an empty range it names the line before it.
    const startOf = (group: number) => number(group) - (number(group + 1) === 0 ? 0 : 1);
    return { oldEnd: startOf(1) + number(2), start: startOf(3), end: startOf(3) + number(4) };
  });
}
