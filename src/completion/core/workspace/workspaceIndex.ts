import { LongestCandidates, type Closeness } from "./candidates";
import type { IndexedFile } from "./chunk";
import { describeMatches } from "./describeMatches";
import { OpenText, type TextChange } from "./openText";
import { RecentFiles } from "./recentFiles";
import { needleOf, searchSegments, searchText } from "./search";
import { estimatedMemory, SegmentStore } from "./segmentStore";
import { encodeText, indexableText, mostFileBytes } from "./text";
import type { WorkspaceLookup, WorkspaceMatch, WorkspaceQuery } from "./types";

/** So many of the longest matches are read. */
const mostCandidates = 256;
/** Shorter matches, in bytes, say nothing. */
const shortestMatch = 2;
/** Bytes of memory for what is known of a file beside its text. */
const memoryPerFile = 300;
/** Bytes of memory that building a segment takes for a moment. */
const buildingMemory = 1 << 18;

/** What became of a file. `unsuitable`: binary, minified or too large. `full`: the memory is taken by files that came earlier. */
export type Indexing = "added" | "unsuitable" | "full";

/**
 * Finds the text of a workspace that is like the text before a cursor.
 *
 * Texts are UTF-8 in segments of 64 KB, each with the order of its positions by the text before them: a suffix array, of reversed text and
 * with half of the positions. A search is a binary search in each segment. New texts are found at once: they are searched from end to end
 * until {@link work} has sorted them, and so are edited documents until they are settled. When memory is short, recent files stay, and of the others those that came first.
 */
export class WorkspaceIndex implements WorkspaceLookup {
  readonly #files = new Map<string, IndexedFile>();
  readonly #open = new Map<string, OpenText>();
  readonly #recent = new RecentFiles();
  readonly #store = new SegmentStore();
  #budget: number;

  /** @param budget bytes of memory for texts and index */
  constructor(budget: number) {
    this.#budget = budget;
  }

  get files(): number {
    let files = this.#files.size;
    for (const uri of this.#open.keys()) if (!this.#files.has(uri)) files++;
    return files;
  }

  /** Bytes of text that is indexed. */
  get bytes(): number {
    let bytes = 0;
    for (const { length } of this.#files.values()) bytes += length;
    return bytes;
  }

  /** Bytes of memory that texts and index occupy. */
  get memory(): number {
    let bytes = buildingMemory + this.#store.memory + memoryPerFile * this.#files.size;
    for (const text of this.#open.values()) bytes += text.memory + memoryPerFile;
    return bytes;
  }

  set budget(bytes: number) {
    this.#budget = bytes;
    this.#makeSpace(0, true);
  }

  /** Takes in a file, or its new text. An open document's text stays. */
  set(uri: string, content: Uint8Array | string): Indexing {
    if (this.#open.has(uri)) return "added";
    this.#forget(uri);
    const text = indexableText(typeof content === "string" ? encodeText(content) : content);
    return text ? this.#index(uri, text) : "unsuitable";
  }

  /** A document was opened, or is edited for the first time: from now on its text is the one in the editor. */
  open(uri: string, text: string): void {
    this.close(uri);
    if (text.length > mostFileBytes) return;
    const opened = new OpenText(uri, text);
    if (!this.#makeSpace(opened.memory + estimatedMemory(text.length), true)) return;
    this.#open.set(uri, opened);
    this.#recent.touch(uri);
  }

  /** An open document goes on after what came of it so far. */
  append(uri: string, text: string): void {
    this.edit(uri, [{ offset: this.#open.get(uri)?.length ?? 0, length: 0, text }]);
  }

  /** An open document was edited. @param changes in the order in which they are to be made */
  edit(uri: string, changes: readonly TextChange[]): void {
    const text = this.#open.get(uri);
    if (!text) return;
    text.edit(changes);
    this.#forget(uri);
    this.#recent.touch(uri);
    if (text.length > mostFileBytes || !this.#makeSpace(0, true)) this.close(uri);
  }

  /** An open document is left alone for a while: its text is indexed. */
  settle(uri: string): void {
    const text = this.#open.get(uri);
    if (!text || text.indexed) return;
    text.indexed = true;
    this.#index(uri, text.takeBytes());
  }

  /** A document was closed. What it held unsaved goes with it; its file is to be {@link set} again. */
  close(uri: string): void {
    this.#open.delete(uri);
    this.#forget(uri);
  }

  /** Files and folders were deleted. Documents that are open in the editor stay. */
  delete(uris: readonly string[]): void {
    const deleted = new Set(uris);
    for (const uri of this.#files.keys()) {
      if (this.#open.has(uri) || !isIn(uri, deleted)) continue;
      this.#forget(uri);
      this.#recent.forget(uri);
    }
  }

  /** A file is looked at. */
  visit(uri: string): void {
    this.#recent.touch(uri);
  }

  /** Builds a piece of the index, which takes a few milliseconds and makes searches faster. @returns whether there is more to do */
  work(): boolean {
    return this.#store.work();
  }

  /** Builds the whole index. */
  flush(): void {
    for (const uri of this.#open.keys()) this.settle(uri);
    while (this.work());
  }

  /** {@link find}, at once. */
  findNow(query: WorkspaceQuery): WorkspaceMatch[] {
    const needle = needleOf(query.prefix);
    const closeness = closenessTo(query.uri, this.#recent);
    const found = new LongestCandidates(mostCandidates, shortestMatch, closeness);
    for (const open of this.#open.values()) {
      if (!open.indexed) searchText(open.searchable.text, open.searchable.placed, needle, found);
    }
    for (const { chunk, text } of this.#store.waiting) {
      if (chunk.file.current) searchText(text, { chunk, base: 0 }, needle, found);
    }
    searchSegments(this.#store.segments, needle, found);
    return describeMatches(found.best, needle.whole.length - 1, query, (uri) => this.#recent.recencyOf(uri));
  }

  find(query: WorkspaceQuery, signal?: AbortSignal): Promise<WorkspaceMatch[]> {
    return Promise.resolve(signal?.aborted ? [] : this.findNow(query));
  }

  #index(uri: string, text: Uint8Array): Indexing {
    const needed = estimatedMemory(text.length) + memoryPerFile;
    if (!this.#makeSpace(needed, this.#recent.has(uri))) return "full";
    const file: IndexedFile = { uri, length: text.length, current: true };
    this.#files.set(uri, file);
    this.#store.add(file, text);
    return "added";
  }

  #forget(uri: string): void {
    const file = this.#files.get(uri);
    if (file) file.current = false;
    this.#files.delete(uri);
  }

  /**
   * Frees memory that outdated text occupies and then, if it may, drops files that are not recent, the last ones first.
   * @returns whether so many bytes fit now
   */
  #makeSpace(bytes: number, mayDrop: boolean): boolean {
    while (this.memory + bytes > this.#budget) {
      if (this.#store.reclaim()) continue;
      const dropped = mayDrop && this.#store.dropLast(({ uri }) => this.#recent.has(uri));
      if (!dropped) return false;
      for (const file of dropped) if (this.#files.get(file.uri) === file) this.#files.delete(file.uri);
    }
    return true;
  }
}

function closenessTo(cursorUri: string, recent: RecentFiles): (uri: string) => Closeness {
  const folder = cursorUri.slice(0, cursorUri.lastIndexOf("/") + 1);
  return (uri) => {
    if (uri === cursorUri) return 3;
    if (recent.has(uri)) return 2;
    return uri.startsWith(folder) ? 1 : 0;
  };
}

/** Whether a URI, or that of a folder that it is in, is among others. */
function isIn(uri: string, others: ReadonlySet<string>): boolean {
  if (others.has(uri)) return true;
  for (let end = uri.lastIndexOf("/"); end > 0; end = uri.lastIndexOf("/", end - 1)) {
    if (others.has(uri.slice(0, end))) return true;
  }
  return false;
}
