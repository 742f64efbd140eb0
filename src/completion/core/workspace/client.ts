import type { WorkerLink } from "../../../engine/workerLink";
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

/** An index in a worker. */
export class IndexClient implements WorkspaceLookup, AsyncDisposable {
  readonly #link: IndexLink;
  readonly #finds = new Map<number, (matches: WorkspaceMatch[]) => void>();
  readonly #adds = new Map<number, (full: boolean) => void>();
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
    if (!this.#ended) this.#link.post(update);
  }

  /** Ends the worker, which frees the index. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#link[Symbol.asyncDispose]();
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
    for (const finish of [...this.#finds.values()]) finish([]);
    for (const finish of this.#adds.values()) finish(true);
    this.#adds.clear();
  }
}
