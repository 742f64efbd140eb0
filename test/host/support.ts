import { openPath, spawnEngine } from "#engine-host";
import * as vscode from "vscode";
import { EngineClient } from "../../src/engine/client";
import type { EngineAssets } from "../../src/engine/host/assets";
import { ModelLibrary } from "../../src/models/library";
import { SLOW_MACHINE } from "../harness/slowMachine";

/** The folder of the extension under test. */
export function extensionUri(): vscode.Uri {
  const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
  if (!extension) throw new Error("The extension is not installed.");
  return extension.extensionUri;
}

/** The workspace that the tests may write to. */
export function workspaceUri(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("No workspace is open.");
  return folder.uri;
}

export function createLibrary(): ModelLibrary {
  return new ModelLibrary({ extensionUri: extensionUri(), storageUri: undefined, openPath });
}

/** The built files of the extension under test. */
export function createAssets(): EngineAssets {
  const dist = vscode.Uri.joinPath(extensionUri(), "dist");
  return {
    folder: dist.fsPath,
    read: async (path: string) => vscode.workspace.fs.readFile(vscode.Uri.joinPath(dist, path)),
  };
}

/** An engine of the test's own, in a worker of its own, beside that of the extension. */
export function createEngine(library: ModelLibrary): EngineClient {
  const ignore = () => undefined;
  const log = { info: ignore, warn: ignore, error: ignore };
  return new EngineClient({ spawn: () => spawnEngine(createAssets()), model: () => library.openOptions(), log });
}

/** Waits until something is the case. @throws when it is not long after `usualMs`, in which it would be on a usual machine. */
export async function until(what: string, condition: () => boolean, usualMs = 20_000): Promise<void> {
  const deadline = Date.now() + usualMs * SLOW_MACHINE;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}.`);
    await pause(20);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sets settings for one test; the function that comes back undoes it. */
export async function withSettings(values: Readonly<Record<string, unknown>>): Promise<() => Promise<void>> {
  const set = async (value: (key: string) => unknown) => {
    for (const key of Object.keys(values)) {
      await vscode.workspace.getConfiguration("gpt2").update(key, value(key), vscode.ConfigurationTarget.Global);
    }
  };
  await set((key) => values[key]);
  return () => set(() => undefined);
}

/** Closes every editor without asking whether to save. */
export async function closeEditors(): Promise<void> {
  for (const document of vscode.workspace.textDocuments) {
    if (!document.isDirty || document.isClosed) continue;
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** Remembers as the editor does, for as long as the test takes. */
export class TestMemento implements vscode.Memento {
  readonly #values = new Map<string, unknown>();

  keys(): readonly string[] {
    return [...this.#values.keys()];
  }
  get<T>(key: string, fallback?: T): T | undefined {
    return (this.#values.get(key) as T | undefined) ?? fallback;
  }
  update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
    return Promise.resolve();
  }
}
