import { openPath, spawnEngine, spawnWorker } from "#engine-host";
import * as vscode from "vscode";
import { LocalBackend } from "./backend/localBackend";
import { OtherTexts } from "./completion/editor/otherTexts";
import { documentRequest } from "./completion/editor/documentRequest";
import { InlineCompletionProvider } from "./completion/editor/provider";
import { WorkspaceTexts } from "./completion/editor/workspace/workspaceTexts";
import { registerDiagnostics } from "./diagnostics/register";
import { EngineClient } from "./engine/client";
import { registerGenerate } from "./generate/command";
import { ModelLibrary } from "./models/library";
import { registerModels } from "./models/register";
import { registerStatus } from "./status/register";

let engine: EngineClient | undefined;
let workspace: WorkspaceTexts | undefined;

/** Builds the parts and connects them. */
export function activate({
  extensionUri,
  globalState,
  globalStorageUri,
  subscriptions,
}: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("GPT-2", { log: true });
  const library = new ModelLibrary({ extensionUri, storageUri: globalStorageUri, openPath });
  const dist = vscode.Uri.joinPath(extensionUri, "dist");
  const assets = {
    folder: dist.fsPath,
    read: async (path: string) => vscode.workspace.fs.readFile(vscode.Uri.joinPath(dist, path)),
  };
  const client = new EngineClient({
    spawn: () => spawnEngine(assets),
    model: () => library.openOptions(),
    unloadAfter: () => 60_000 * vscode.workspace.getConfiguration("gpt2").get("unloadAfterMinutes", 15),
    log,
  });
  engine = client;
  const backend = new LocalBackend(client);

  const texts = new WorkspaceTexts({
    spawn: () => spawnWorker(assets, "workspaceIndex.js", "gpt2-workspace-index"),
    log,
  });
  workspace = texts;

  const completions = new InlineCompletionProvider({
    backend,
    workspace: texts,
    onFailure: (error) => log.debug(`No suggestion: ${String(error)}`),
    onAccepted: ({ characters }) => log.trace(`A suggestion of ${characters} characters was accepted.`),
    log,
  });
  subscriptions.push(
    log,
    library,
    library.onDidChange(() => completions.reset()),
    completions,
    new OtherTexts(backend, (error) => log.debug(`Other documents could not be read: ${String(error)}`)),
    registerGenerate({ backend, log }),
    registerDiagnostics({ backend, extensionUri, requestAt: documentRequest, decisions: completions }),
    registerModels({ library, backend, log, memory: globalState }),
    registerStatus({ backend, workspace: texts, log }),
  );
  if (vscode.workspace.getConfiguration("gpt2").get("startEngine") === "onStartup") {
    // A failure shows in the status bar item and the log.
    backend.describe().catch(() => undefined);
  }
}

/** Ends the workers, which frees the model and the index. */
export async function deactivate(): Promise<void> {
  await Promise.all([engine?.[Symbol.asyncDispose](), workspace?.[Symbol.asyncDispose]()]);
}
