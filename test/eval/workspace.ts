import { WorkspaceIndex } from "../../src/completion/core/workspace/workspaceIndex";
import type { WorkspaceMatch } from "../../src/completion/core/workspace/types";
import { maxMatches } from "../../src/completion/core/ranking/suggestLine";
import type { SourceFile } from "./files";

/** What a place can be looked up in: nothing, the repository without the place's file, or that without near-copies of the file. */
export const workspaceModes = ["none", "repository", "distant"] as const;
export type WorkspaceMode = (typeof workspaceModes)[number];

/** Lines this long are seldom equal by chance. */
const longLine = 25;
/** A file is a near-copy of another when so large a share of the other's long lines are its own, too. */
const nearCopyShare = 0.2;

/** The repositories of files, each indexed when it is first needed. */
export class Repositories {
  readonly #files: ReadonlyMap<string, readonly SourceFile[]>;
  readonly #longLines = new Map<SourceFile, ReadonlySet<string>>();
  /** Only the last one is kept: places should come by repository, but may come in any order. */
  readonly #indexes = new Map<string, WorkspaceIndex>();

  constructor(files: readonly SourceFile[]) {
    const byRepository = new Map<string, SourceFile[]>();
    for (const file of files) byRepository.set(file.repo, [...(byRepository.get(file.repo) ?? []), file]);
    this.#files = byRepository;
  }

  /**
   * The lines that follow text like that before a cursor.
   * @param file the cursor's, which is replaced by its text around the cursor
   */
  find(file: SourceFile, mode: WorkspaceMode, prefix: string, suffix: string): WorkspaceMatch[] {
    if (mode === "none") return [];
    const index = this.#indexOf(file.repo);
    const nearCopies = mode === "distant" ? this.#nearCopies(file) : [];
    index.delete(nearCopies.map(({ path }) => path));
    index.open(file.path, prefix + suffix);
    const matches = index.findNow({ uri: file.path, prefix, suffix, limit: maxMatches });
    index.close(file.path);
    for (const restored of [file, ...nearCopies]) index.set(restored.path, restored.text);
    while (index.work());
    return matches;
  }

  #indexOf(repository: string): WorkspaceIndex {
    const known = this.#indexes.get(repository);
    if (known) return known;
    const index = new WorkspaceIndex(2 ** 30);
    for (const { path, text } of this.#files.get(repository) ?? []) index.set(path, text);
    index.flush();
    this.#indexes.set(repository, index);
    return index;
  }

  #nearCopies(file: SourceFile): SourceFile[] {
    const own = this.#longLinesOf(file);
    return (this.#files.get(file.repo) ?? []).filter((other) => {
      if (other === file || own.size === 0) return false;
      const others = this.#longLinesOf(other);
      const shared = [...own].filter((line) => others.has(line)).length;
      return shared / own.size >= nearCopyShare;
    });
  }

  #longLinesOf(file: SourceFile): ReadonlySet<string> {
    const known = this.#longLines.get(file);
    if (known) return known;
    const lines = file.text.split("\n").map((line) => line.trim());
    const long = new Set(lines.filter((line) => line.length > longLine));
    this.#longLines.set(file, long);
    return long;
  }
}
