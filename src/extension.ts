import { hostBackends, openPath, readPowerSource, spawnEngine, spawnWorker } from "#engine-host";
import * as vscode from "vscode";
import { Activity } from "./backend/activity";
import { BackendChooser } from "./backend/choice/backendChooser";
import { RememberedChoices } from "./backend/choice/rememberedChoices";
import { FallbackBackend } from "./backend/fallback/fallbackBackend";
import { LocalBackend } from "./backend/localBackend";
import { OtherTexts } from "./completion/editor/otherTexts";
import { documentRequest } from "./completion/editor/documentRequest";
import { InlineCompletionProvider } from "./completion/editor/provider";
import { AcceptedClosers } from "./completion/editor/acceptedClosers";
import { registerAcceptance } from "./completion/editor/suggestionTracker";
import { registerSample } from "./completion/editor/sample";
import { WorkspaceTexts } from "./completion/editor/workspace/workspaceTexts";
import { registerDiagnostics } from "./diagnostics/register";
import { EngineClient } from "./engine/client";
import { spawnWithFallback } from "./engine/fallback/fallbackLink";
import { registerGenerate } from "./generate/command";
import { followEngineSettings, unloadAfter } from "./models/engineSettings";
import { ModelHub } from "./models/hub";
import { ModelLibrary } from "./models/library";
import { ModelsPage } from "./models/modelsPage";
import { modelStorage } from "./models/modelStorage";
import { registerModels } from "./models/register";
import { registerServer, sayProblem } from "./models/server/register";
import { registerStatistics } from "./statistics/register";
import { BatteryWatch } from "./status/batteryWatch";
import { registerStatus } from "./status/register";
import { Snooze } from "./status/snooze";
import { WorkPauses } from "./status/workPauses";
import { EngineTab } from "./webviewEngine/engineTab";

let engine: EngineClient | undefined;
let workspace: WorkspaceTexts | undefined;

/** Builds the parts and connects them. */
export function activate({
  extension,
  extensionUri,
  globalState,
  globalStorageUri,
  secrets,
  subscriptions,
  workspaceState,
}: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("GPT-2", { log: true });
  const library = new ModelLibrary({ extensionUri, storageUri: globalStorageUri, openPath });
  const storage = modelStorage(vscode.Uri.joinPath(globalStorageUri, "models"));
  const dist = vscode.Uri.joinPath(extensionUri, "dist");
  const assets = {
    folder: dist.fsPath,
    read: async (path: string) => vscode.workspace.fs.readFile(vscode.Uri.joinPath(dist, path)),
  };
  // Node has no WebGPU. A browser's extension host has it in its own workers.
  const engineTab = openPath && new EngineTab({ extensionUri, openPath });
  const startInWorker = () => spawnEngine(assets);
  const client: EngineClient = new EngineClient({
    spawn: engineTab
      ? spawnWithFallback({
          startOnGpu: () => engineTab.start(),
          leaveGpu: () => engineTab.close(),
          startInWorker,
        })
      : startInWorker,
    model: async () => choice.apply(await library.openOptions()),
    unloadAfter,
    log,
  });
  engine = client;
  const backend = new FallbackBackend({ local: new LocalBackend(client), onProblem: sayProblem, log });

  const texts = new WorkspaceTexts({
    spawn: () => spawnWorker(assets, "workspaceIndex.js", "gpt2-workspace-index"),
    log,
  });
  workspace = texts;

  const hub = new ModelHub({ storage, secrets, log });
  const models = new ModelsPage({ library, hub, memory: globalState });
  const activity = new Activity();
  const pauses = new WorkPauses(new Snooze(globalState), new BatteryWatch(() => readPowerSource()));
  const { version } = extension.packageJSON as { readonly version: string };
  const choice = new BackendChooser({
    engine: client,
    candidates: hostBackends,
    // There it needs a tab, which does not open by itself.
    ...(engineTab && { onRequest: ["webgpu"] }),
    remembered: new RememberedChoices(globalState, version),
    mayWork: () => !pauses.idleWork,
    log,
  });
  const completions = new InlineCompletionProvider({
    backend,
    workspace: texts,
    pauses,
    activity,
    onFailure: (error) => log.debug(`No suggestion: ${String(error)}`),
    log,
  });
  const { suggestions } = completions;
  subscriptions.push(
    log,
    library,
    library.onDidChange(() => completions.restart()),
    completions,
    new OtherTexts(backend, (error) => log.debug(`Other documents could not be read: ${String(error)}`)),
    pauses,
    registerAcceptance(suggestions),
    new AcceptedClosers(suggestions.onDidAccept),
    suggestions.onDidAccept(({ kind, text }) => log.trace(`Accepted (${kind}): ${text.length} characters.`)),
    registerSample(),
    registerGenerate({ backend, log, activity, extensionUri, globalState, workspaceState }),
    registerDiagnostics({ backend, extensionUri, requestAt: documentRequest, decisions: completions, models, choice }),
    hub,
    models,
    registerModels({ library, hub, backend, log, memory: globalState }),
    registerServer({ backend, secrets, memory: globalState, log, onDidChange: () => completions.restart() }),
    new vscode.Disposable(() => choice[Symbol.dispose]()),
    new vscode.Disposable(() => backend[Symbol.dispose]()),
    followEngineSettings(backend, client),
    registerStatistics({ suggestions, memory: globalState }),
    registerStatus({ backend, workspace: texts, pauses, activity, log }),
    ...(engineTab ? [engineTab] : []),
  );
}

/** Ends the workers, which frees the model and the index. */
export async function deactivate(): Promise<void> {
  await Promise.all([engine?.[Symbol.asyncDispose](), workspace?.[Symbol.asyncDispose]()]);
}
