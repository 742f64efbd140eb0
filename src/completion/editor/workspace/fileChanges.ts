import * as vscode from "vscode";

/** Milliseconds without a change after which the changes are reported: a branch switch changes thousands of files. */
const calmMs = 500;
/** Milliseconds after which they are, even so. */
const longestMs = 5000;

export interface FileChange {
  readonly uri: vscode.Uri;
  readonly kind: "created" | "changed" | "deleted";
}

/** Watches all workspace folders, and reports what changed, in order, once it is calm. */
export class FileWatcher implements vscode.Disposable {
  readonly #report: (changes: readonly FileChange[]) => void;
  readonly #watcher = vscode.workspace.createFileSystemWatcher("**/*");
  #changes: FileChange[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firstAt = 0;
  #lastAt = 0;

  constructor(report: (changes: readonly FileChange[]) => void) {
    this.#report = report;
    this.#watcher.onDidCreate((uri) => this.#note({ uri, kind: "created" }));
    this.#watcher.onDidChange((uri) => this.#note({ uri, kind: "changed" }));
    this.#watcher.onDidDelete((uri) => this.#note({ uri, kind: "deleted" }));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watcher.dispose();
  }

  /** Takes next to no time: the editor calls it for thousands of files in a row. */
  #note(change: FileChange): void {
    this.#lastAt = performance.now();
    if (this.#changes.length === 0) this.#firstAt = this.#lastAt;
    this.#changes.push(change);
    this.#timer ??= setTimeout(() => this.#reportIfCalm(), calmMs);
  }

  #reportIfCalm(): void {
    this.#timer = undefined;
    const now = performance.now();
    const wait = Math.min(this.#lastAt + calmMs, this.#firstAt + longestMs) - now;
    if (wait > 1) {
      this.#timer = setTimeout(() => this.#reportIfCalm(), wait);
      return;
    }
    const changes = this.#changes;
    this.#changes = [];
    this.#report(changes);
  }
}
