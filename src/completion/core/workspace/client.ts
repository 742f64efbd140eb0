import type { WorkerLink } from "../../../engine/workerLink";
import type { TextChange } from "./openText";
import type { WorkspaceLookup, WorkspaceMatch, WorkspaceQuery } from "./types";
import type { FileContent, FromIndexWorker, IndexSize, ToIndexWorker, Update } from "./worker/protocol";

export type IndexLink = WorkerLink<ToIndexWorker, FromIndexWorker>;

export interface IndexClientOptions {
  readonly link: IndexLink;
  /** Bytes of memory for texts and index. */
  readonly budget: number;
  /** Called as the index grows and shrinks. */
  readonly onSize: (size: IndexSize) => void;
  /** Called once if the worker fails; from then on nothing is found. */
  readonly onDeath: (reason: string) => void;
}

/** Edits are sent together after so many milliseconds, or with the next message: a tool may make thousands in a row. */
const collectMs = 50;

/** An index in a worker. */
export class IndexClient implements WorkspaceLookup, AsyncDisposable {
  readonly #link: IndexLink;
  readonly #finds = new Map<number, (matches: WorkspaceMatch[]) => void>();
  readonly #adds = new Map<number, (full: boolean) => void>();
  /** Edits that were not sent yet, by document. */
  readonly #edits = new Map<string, TextChange[]>();
  #sending: ReturnType<typeof setTimeout> | undefined;
  #nextId = 0;
  #ended = false;

  constructor({ link, budget, onSize, onDeath }: IndexClientOptions) {
    this.#link = link;
    link.onMessage((message) => this.#receive(message, onSize));
    link.onDeath((reason) => {
      this.#end();
      onDeath(reason);
    });
    this.update({ kind: "budget", bytes: budget });
  }

  find(query: WorkspaceQuery, signal?: AbortSignal): Promise<WorkspaceMatch[]> {
    if (this.#ended || signal?.aborted) return Promise.resolve([]);
    return new Promise((resolve) => {
      const id = this.#nextId++;
      const finish = (matches: WorkspaceMatch[]) => {
        this.#finds.delete(id);
        signal?.removeEventListener("abort", abort);
        resolve(matches);
      };
      const abort = () => finish([]);
      signal?.addEventListener("abort", abort);
      this.#finds.set(id, finish);
      this.#sendEdits();
      this.#link.post({ kind: "find", id, query });
    });
  }

  /** Adds files, or their new text. @returns whether memory was too short for some, once the others are indexed */
  add(files: readonly FileContent[]): Promise<boolean> {
    if (this.#ended) return Promise.resolve(true);
    return new Promise((resolve) => {
      const id = this.#nextId++;
      this.#adds.set(id, resolve);
      this.#link.post({ kind: "add", id, files });
    });
  }

  update(update: Update): void {
    if (this.#ended) return;
    if (update.kind === "edit") {
      this.#collect(update.uri, update.changes);
      return;
    }
    this.#sendEdits();
    this.#link.post(update);
  }

  /** Ends the worker, which frees the index. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#link[Symbol.asyncDispose]();
  }

  #collect(uri: string, changes: readonly TextChange[]): void {
    const collected = this.#edits.get(uri) ?? [];
    for (const change of changes) collected.push(change);
    this.#edits.set(uri, collected);
    this.#sending ??= setTimeout(() => this.#sendEdits(), collectMs);
  }

  #sendEdits(): void {
    clearTimeout(this.#sending);
    this.#sending = undefined;
    for (const [uri, changes] of this.#edits) this.#link.post({ kind: "edit", uri, changes });
    this.#edits.clear();
  }

  #receive(message: FromIndexWorker, onSize: (size: IndexSize) => void): void {
    if (message.kind === "found") this.#finds.get(message.id)?.(message.matches);
    else if (message.kind === "size") onSize(message.size);
    else {
      this.#adds.get(message.id)?.(message.full);
      this.#adds.delete(message.id);
    }
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#sending);
    this.#edits.clear();
    for (const finish of [...this.#finds.values()]) finish([]);
    for (const finish of this.#adds.values()) finish(true);
    this.#adds.clear();
  }
}
