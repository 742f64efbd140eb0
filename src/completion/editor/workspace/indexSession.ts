import * as vscode from "vscode";
import type { IndexClient } from "../../core/workspace/client";
import type { FolderRules } from "../../core/workspace/folderRules";
import { FolderWalk } from "../../core/workspace/folderWalk";
import { type FileChange, FileWatcher } from "./fileChanges";
import { FileReader } from "./fileReader";
import { OpenDocuments } from "./openDocuments";
import { workspaceFolder } from "./workspaceFolder";
import { WorkspaceRules } from "./workspaceRules";

/** So many changes are looked at in a row. */
const changesAtOnce = 100;

export interface IndexSessionOptions {
  readonly index: IndexClient;
  readonly onState: (state: "indexing" | "ready" | "full") => void;
  /** A `.gitignore` has changed: what is to be read is another question now. */
  readonly onRulesChanged: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Fills an index with the workspace's files and open documents, and keeps it up to date. */
export class IndexSession implements vscode.Disposable {
  readonly #options: IndexSessionOptions;
  readonly #aborted = new AbortController();
  readonly #rules = new WorkspaceRules();
  readonly #reader: FileReader;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  /** Tasks run one after the other: a file's text must not arrive after its deletion. */
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #full = false;

  constructor(options: IndexSessionOptions) {
    this.#options = options;
    const { index, onFailure } = options;
    this.#reader = new FileReader(index, this.#aborted.signal);
    this.#subscriptions = [
      new OpenDocuments({
        index,
        admits: (document) => this.#rules.admitsDocument(document),
        onClosed: (uri) => this.#enqueue(() => this.#read([{ uri, kind: "changed" }])),
        onFailure,
      }),
      new FileWatcher((changes) => this.#enqueue(() => this.#follow(changes))),
      vscode.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        this.#delete(removed.map(({ uri }) => uri));
        this.#enqueue(() => this.#readFolders(added));
      }),
    ];
    this.#enqueue(() => this.#readFolders(vscode.workspace.workspaceFolders ?? []));
  }

  dispose(): void {
    this.#aborted.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #enqueue(task: () => Promise<void>): void {
    this.#waiting++;
    this.#options.onState("indexing");
    this.#work = this.#work
      .then(() => (this.#aborted.signal.aborted ? undefined : task()))
      .catch(this.#options.onFailure)
      .then(() => {
        if (--this.#waiting === 0 && !this.#aborted.signal.aborted)
          this.#options.onState(this.#full ? "full" : "ready");
      });
  }

  /** Reads what is in tabs first, then the folder of the active editor's file. */
  async #readFolders(folders: readonly vscode.WorkspaceFolder[]): Promise<void> {
    await this.#read(tabs().map((uri) => ({ uri, kind: "changed" })));
    const active = vscode.window.activeTextEditor?.document.uri;
    const near = active && this.#rules.locate(active);
    const isNear = ({ uri }: vscode.WorkspaceFolder) => uri.toString() === near?.folder.toString();
    for (const folder of [...folders].sort((a, b) => Number(isNear(b)) - Number(isNear(a)))) {
      if (this.#full) return;
      const walk = this.#walkThrough(folder.uri, this.#rules.of(folder.uri));
      this.#full = await this.#reader.read(urisIn(folder.uri, walk.from(near && isNear(folder) ? near.path : "")));
    }
  }

  async #follow(changes: readonly FileChange[]): Promise<void> {
    const last = new Map<string, FileChange>();
    for (const [i, change] of changes.entries()) {
      if (i > 0 && i % changesAtOnce === 0) await nextTurn();
      last.set(change.uri.toString(), change);
    }
    for (const { uri } of last.values()) {
      if (!uri.path.endsWith("/.gitignore") || !(await this.#rules.admits(uri))) continue;
      this.#options.onRulesChanged();
      return;
    }
    this.#delete([...last.values()].filter(({ kind }) => kind === "deleted").map(({ uri }) => uri));
    await this.#read([...last.values()].filter(({ kind }) => kind !== "deleted"));
  }

  async #read(changes: readonly FileChange[]): Promise<void> {
    if (await this.#reader.read(this.#filesOf(changes))) this.#full = true;
  }

  async *#filesOf(changes: readonly FileChange[]): AsyncGenerator<vscode.Uri> {
    for (const { uri, kind } of changes) {
      if (kind === "created" && (await isFolder(uri))) yield* this.#filesBelow(uri);
      else if (await this.#rules.admits(uri)) yield uri;
    }
  }

  async *#filesBelow(uri: vscode.Uri): AsyncGenerator<vscode.Uri> {
    const located = this.#rules.locate(uri);
    if (!located || !(await located.rules.admits(`${located.path}/`))) return;
    yield* urisIn(located.folder, this.#walkThrough(located.folder, located.rules).below(`${located.path}/`));
  }

  #walkThrough(folder: vscode.Uri, rules: FolderRules): FolderWalk {
    return new FolderWalk(workspaceFolder(folder), rules, this.#aborted.signal);
  }

  #delete(uris: readonly vscode.Uri[]): void {
    if (uris.length > 0) this.#options.index.update({ kind: "delete", uris: uris.map(String) });
  }
}

async function* urisIn(folder: vscode.Uri, paths: AsyncIterable<string>): AsyncGenerator<vscode.Uri> {
  for await (const path of paths) yield vscode.Uri.joinPath(folder, path);
}

function tabs(): vscode.Uri[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : []));
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  try {
    return (await vscode.workspace.fs.stat(uri)).type === vscode.FileType.Directory;
  } catch {
    return false;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
