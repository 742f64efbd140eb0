import { WorkspaceIndex } from "../workspaceIndex";
import type { FileContent, FromIndexWorker, ToIndexWorker, Update } from "./protocol";

/** Milliseconds without an edit after which a document is indexed. */
const settleMs = 2000;
/** Milliseconds after a search in which the engine is likely to compute what was searched for: it has the processor. */
const engineMs = 300;
/** The pause between two pieces of work meanwhile. */
const longPauseMs = 50;
/** Sizes are reported no more often, in milliseconds. */
const reportMs = 250;

/** Serves a {@link WorkspaceIndex} to the other side of a worker: builds it bit by bit between messages. */
export class IndexService implements Disposable {
  readonly #post: (message: FromIndexWorker) => void;
  readonly #index = new WorkspaceIndex(0);
  readonly #settling = new Map<string, ReturnType<typeof setTimeout>>();
  #adding: { readonly id: number; full: boolean }[] = [];
  #building: ReturnType<typeof setTimeout> | undefined;
  #report: ReturnType<typeof setTimeout> | undefined;
  #lastSearch = -Infinity;

  constructor(post: (message: FromIndexWorker) => void) {
    this.#post = post;
  }

  handle(message: ToIndexWorker): void {
    if (message.kind === "find") {
      this.#lastSearch = performance.now();
      this.#post({ kind: "found", id: message.id, matches: this.#index.findNow(message.query) });
      return;
    }
    if (message.kind === "add") this.#add(message.id, message.files);
    else this.#update(message);
    this.#build(0);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#settling.values()) clearTimeout(timer);
    clearTimeout(this.#building);
    clearTimeout(this.#report);
  }

  #add(id: number, files: readonly FileContent[]): void {
    let full = false;
    for (const { uri, content } of files) if (this.#index.set(uri, content) === "full") full = true;
    this.#adding.push({ id, full });
  }

  #update(update: Update): void {
    switch (update.kind) {
      case "budget":
        this.#index.budget = update.bytes;
        break;
      case "open":
        this.#index.open(update.uri, update.text);
        this.#settleLater(update.uri);
        break;
      case "append":
        this.#index.append(update.uri, update.text);
        this.#settleLater(update.uri);
        break;
      case "edit":
        this.#index.edit(update.uri, update.changes);
        this.#settleLater(update.uri);
        break;
      case "close":
        this.#index.close(update.uri);
        break;
      case "visit":
        this.#index.visit(update.uri);
        break;
      case "delete":
        this.#index.delete(update.uris);
        break;
    }
  }

  #settleLater(uri: string): void {
    clearTimeout(this.#settling.get(uri));
    const settle = () => {
      this.#settling.delete(uri);
      this.#index.settle(uri);
      this.#build(0);
    };
    this.#settling.set(uri, setTimeout(settle, settleMs));
  }

  #build(afterMs: number): void {
    this.#building ??= setTimeout(() => {
      this.#building = undefined;
      const started = performance.now();
      const more = this.#index.work();
      if (more) this.#build(this.#pauseAfter(performance.now() - started));
      else this.#answerAdded();
      this.#reportLater();
    }, afterMs);
  }

  /** As long as the work took: whatever else runs on this machine has half of a core. */
  #pauseAfter(workMs: number): number {
    return performance.now() - this.#lastSearch < engineMs ? longPauseMs : workMs;
  }

  #answerAdded(): void {
    for (const { id, full } of this.#adding) this.#post({ kind: "added", id, full });
    this.#adding = [];
  }

  #reportLater(): void {
    this.#report ??= setTimeout(() => {
      this.#report = undefined;
      const { files, bytes, memory } = this.#index;
      this.#post({ kind: "size", size: { files, bytes, memory } });
    }, reportMs);
  }
}
