import * as vscode from "vscode";
import { IndexClient, type IndexLink } from "../../core/workspace/client";
import type { WorkspaceLookup, WorkspaceMatch, WorkspaceQuery, WorkspaceStatus } from "../../core/workspace/types";
import { IndexSession } from "./indexSession";
import { integerSetting } from "../../core/settingValues";

export interface WorkspaceTextsOptions {
  /** Starts the worker that holds the index. */
  readonly spawn: () => Promise<IndexLink>;
  readonly log: { debug(message: string): void; warn(message: string): void };
}

const off: WorkspaceStatus = { state: "off", files: 0, bytes: 0, memory: 0 };

/** Changes of these settings change which files are read. */
const rereadAfter = ["gpt2.workspace", "files.exclude", "search.exclude"];

/** The text of the workspace, as far as `gpt2.workspace` lets it be read: finds what is like the text before the cursor. */
export class WorkspaceTexts implements WorkspaceLookup, AsyncDisposable {
  readonly #options: WorkspaceTextsOptions;
  readonly #statusChanged = new vscode.EventEmitter<WorkspaceStatus>();
  readonly onDidChangeStatus = this.#statusChanged.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #status = off;
  #running: { readonly index: IndexClient; readonly session: IndexSession } | undefined;
  /** Starting and stopping, one after the other. */
  #changes: Promise<void> = Promise.resolve();

  constructor(options: WorkspaceTextsOptions) {
    this.#options = options;
    this.#subscriptions = [
      this.#statusChanged,
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (rereadAfter.some((section) => event.affectsConfiguration(section))) this.#restart();
      }),
    ];
    this.#restart();
  }

  get status(): WorkspaceStatus {
    return this.#status;
  }

  find(query: WorkspaceQuery, signal?: AbortSignal): Promise<WorkspaceMatch[]> {
    return this.#running?.index.find(query, signal) ?? Promise.resolve([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#change(() => this.#stop());
    await this.#changes;
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #restart(): void {
    this.#change(async () => {
      await this.#stop();
      if (workspaceSettings().get<boolean>("enabled", true)) await this.#start();
    });
  }

  #change(task: () => Promise<void>): void {
    this.#changes = this.#changes.then(task).catch((error: unknown) => {
      this.#options.log.warn(`The workspace cannot be indexed: ${String(error)}`);
      this.#tell({ ...off, state: "failed" });
    });
  }

  async #start(): Promise<void> {
    const index = new IndexClient({
      link: await this.#options.spawn(),
      budget: integerSetting(workspaceSettings().get("memory"), { min: 8, max: 1024 }, 64) << 20,
      onSize: (size) => this.#tell(size),
      onDeath: (reason) => {
        this.#options.log.warn(`The index of the workspace is gone: ${reason}.`);
        session.dispose();
        this.#tell({ ...off, state: "failed" });
      },
    });
    const session = new IndexSession({
      index,
      onState: (state) => this.#tell({ state }),
      onRulesChanged: () => this.#restart(),
      onFailure: (error) => this.#options.log.debug(`The workspace could not be read: ${String(error)}`),
    });
    this.#running = { index, session };
  }

  /** Ends the worker, which gives all memory back. */
  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.session.dispose();
    await running?.index[Symbol.asyncDispose]();
    this.#tell(off);
  }

  #tell(change: Partial<WorkspaceStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#statusChanged.fire(this.#status);
  }
}

function workspaceSettings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("gpt2.workspace");
}
