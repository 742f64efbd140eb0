import { basename, resolve } from "node:path";
import { languageOf } from "../../src/cli/language";
import { indentOf } from "../../src/completion/core/cursor";
import { maxMatches } from "../../src/completion/core/ranking/suggestLine";
import type { WorkspaceMatch } from "../../src/completion/core/workspace/types";
import { WorkspaceIndex } from "../../src/completion/core/workspace/workspaceIndex";
import { worthReading } from "../../src/completion/core/workspace/worthReading";
import { type Random, seededRandom } from "../../src/generation/sampling/random";
import { languageNames, type SourceFile } from "./files";
import { type Change, type GitHistory, readHistory } from "./gitHistory";
import { evaluatedLanguage, type Kind, kindAt, type Place, shortest } from "./places";
import type { WorkspaceMode } from "./workspace";

/**
 * The last commits of a git repository as they were written. A place is in a line that a commit added: the text before it is the new one,
 * and the text after it and the workspace are those from before the commit.
 */
export class History {
  readonly #history: GitHistory;
  readonly #places: readonly Place[];
  readonly #commitOf: ReadonlyMap<SourceFile, number>;
  #index = new WorkspaceIndex(2 ** 30);
  /** The commit before which the index is; undefined while it is empty. */
  #at: number | undefined;

  /** @throws RangeError when the commits added no line in a language that is evaluated */
  constructor(repo: string, history: GitHistory, seed: number) {
    const random = seededRandom(seed);
    const commitOf = new Map<SourceFile, number>();
    this.#places = history.commits.flatMap((changes, commit) =>
      changes.flatMap((change) => {
        const file = fileAfter(repo, change);
        if (!file) return [];
        commitOf.set(file, commit);
        return placesIn(file, change, random);
      }),
    );
    if (this.#places.length === 0) throw new RangeError("The commits added no line in a language that is evaluated.");
    this.#history = history;
    this.#commitOf = commitOf;
  }

  /** @throws Error when the folder is no git repository, or has fewer than two commits */
  static async read(folder: string, commits: number, seed: number): Promise<History> {
    return new History(basename(resolve(folder)), await readHistory(folder, commits, isRead), seed);
  }

  /** The files in which there are places, as the commits left them. */
  get files(): readonly SourceFile[] {
    return [...this.#commitOf.keys()];
  }

  /** So many of the places, or all, drawn by chance; in the order of the commits. */
  draw(count: number, seed: number, has: (place: Place) => boolean = () => true): Place[] {
    const random = seededRandom(seed);
    const keyed = this.#places.filter(has).map((place) => ({ place, key: random() }));
    const drawn = new Set(keyed.toSorted((a, b) => a.key - b.key).slice(0, count));
    return keyed.filter((one) => drawn.has(one)).map(({ place }) => place);
  }

  /** The lines that follow text like that before a cursor, in the repository as it was before the commit. */
  find(file: SourceFile, mode: WorkspaceMode, prefix: string, suffix: string): WorkspaceMatch[] {
    if (mode === "none") return [];
    const commit = this.#commitOf.get(file) ?? 0;
    this.#goTo(commit);
    const { path } = file;
    this.#index.open(path, prefix + suffix);
    const matches = this.#index.findNow({ uri: path, prefix, suffix, limit: maxMatches });
    this.#index.close(path);
    const former = this.#history.commits[commit]?.find((change) => change.path === path)?.before;
    if (former !== undefined) this.#index.set(path, former);
    return matches;
  }

  #goTo(commit: number): void {
    if (this.#at === commit) return;
    if (this.#at === undefined || commit < this.#at) {
      this.#index = new WorkspaceIndex(2 ** 30);
      for (const [path, text] of this.#history.start) this.#index.set(path, text);
      this.#at = 0;
    }
    for (; this.#at < commit; this.#at++) {
      for (const { path, after } of this.#history.commits[this.#at] ?? []) {
        if (after === undefined) this.#index.delete([path]);
        else this.#index.set(path, after);
      }
    }
    this.#index.flush();
  }
}

function fileAfter(repo: string, { path, after }: Change): SourceFile | undefined {
  const lang = languageNames[languageOf(path)];
  return lang === undefined || after === undefined ? undefined : { repo, path, lang, text: after };
}

/** Places in the lines that were added: after the indentation of each, and one inside of it. */
function placesIn(file: SourceFile, { before = "", hunks }: Change, random: Random): Place[] {
  const former = lineStarts(before);
  return hunks.flatMap(({ oldEnd, start, end }) => {
    const suffix = `\n${before.slice(former[oldEnd] ?? before.length)}`;
    return lineStarts(file.text)
      .slice(start, end)
      .flatMap((lineStart) => placesInLine(file, lineStart, suffix, random));
  });
}

function placesInLine(file: SourceFile, lineStart: number, suffix: string, random: Random): Place[] {
  const language = evaluatedLanguage(file);
  const line = /.*/.exec(file.text.slice(lineStart))?.[0].trimEnd() ?? "";
  const indent = indentOf(line).length;
  if (language === undefined || line.length - indent < shortest) return [];
  const placeAt = (column: number, kind: Kind): Place => {
    const prefix = file.text.slice(0, lineStart + column);
    return { file, language, kind, prefix, wanted: line.slice(column), suffix };
  };
  const inside: Place[] = [];
  for (let column = indent + 1; column <= line.length - shortest; column++) {
    const kind = kindAt(file.text, lineStart + column);
    if (kind) inside.push(placeAt(column, kind));
  }
  return [placeAt(indent, "new line"), ...inside.splice(Math.floor(random() * inside.length), 1)];
}

function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
}

function isRead(path: string): boolean {
  return worthReading(path) && languageNames[languageOf(path)] !== undefined;
}
