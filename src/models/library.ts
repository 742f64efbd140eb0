import * as vscode from "vscode";
import { ModelFileError } from "../formats/errors";
import type { OpenOptions } from "../engine/protocol";
import type { Precision } from "../gpt2/languageModel";
import { findModel, locationOf, type FoundModel } from "./locate";
import { parseModelSetting } from "./setting";

export interface LibraryOptions {
  readonly extensionUri: vscode.Uri;
  /** Where built graphs may be kept, or undefined for nowhere. */
  readonly storageUri: vscode.Uri | undefined;
  /** Whether the engine's worker has a file system (it runs in Node). */
  readonly canOpenPaths: boolean;
}

/** Knows which model is active, where its files are, and when another one takes its place. */
export class ModelLibrary implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly watcher: vscode.Disposable;

  /** The settings now ask for another model, or for another way to run it. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly options: LibraryOptions) {
    this.watcher = vscode.workspace.onDidChangeConfiguration((event) => {
      const keys = ["gpt2.model", "gpt2.precision", "gpt2.threads"];
      if (keys.some((key) => event.affectsConfiguration(key))) this.changed.fire();
    });
  }

  get canOpenPaths(): boolean {
    return this.options.canOpenPaths;
  }

  /** The value of `gpt2.model`; empty for the bundled model. */
  get setting(): string {
    return vscode.workspace.getConfiguration("gpt2").get("model", "").trim();
  }

  /**
   * The model that the settings name.
   * @throws ModelFileError when it is not there or is no model.
   */
  active(): Promise<FoundModel> {
    return this.find(this.setting);
  }

  /**
   * The model that a value of `gpt2.model` names.
   * @throws ModelFileError when it is not there or is no model.
   */
  async find(setting: string): Promise<FoundModel> {
    return findModel(this.resolve(setting));
  }

  /**
   * All that the engine needs to open the active model.
   * @throws ModelFileError when it is not there or is no model.
   */
  async openOptions(): Promise<OpenOptions> {
    const settings = vscode.workspace.getConfiguration("gpt2");
    return {
      location: await locationOf(await this.active(), this.options.canOpenPaths),
      precision: settings.get<Precision>("precision", "int8"),
      threads: settings.get("threads", 0),
      cacheFolder: this.cacheFolder(),
    };
  }

  /** Makes `setting` the active model: in the workspace where that has a value of its own, or else for the person. */
  async choose(setting: string): Promise<void> {
    const settings = vscode.workspace.getConfiguration("gpt2");
    const ownValue = settings.inspect<string>("model")?.workspaceValue !== undefined;
    const target = ownValue ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    await settings.update("model", setting === "" && !ownValue ? undefined : setting, target);
  }

  dispose(): void {
    this.watcher.dispose();
    this.changed.dispose();
  }

  private resolve(setting: string): vscode.Uri {
    const reference = parseModelSetting(setting, homeFolder());
    switch (reference.kind) {
      case "bundled":
        return vscode.Uri.joinPath(this.options.extensionUri, "models", "gpt2-code-mini");
      case "uri":
        return vscode.Uri.parse(reference.uri, true);
      case "absolute":
        return this.absolute(reference.path);
      case "relative":
        return relativeToWorkspace(reference.path);
    }
  }

  /** In a browser a path can only mean the file system of the workspace. */
  private absolute(path: string): vscode.Uri {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    return this.options.canOpenPaths || folder === undefined ? vscode.Uri.file(path) : folder.with({ path });
  }

  private cacheFolder(): string | undefined {
    const { canOpenPaths, storageUri } = this.options;
    if (!canOpenPaths || storageUri?.scheme !== "file") return undefined;
    return vscode.Uri.joinPath(storageUri, "graphs").fsPath;
  }
}

function relativeToWorkspace(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder === undefined) {
    throw new ModelFileError(
      `The model “${path}” is relative to a workspace folder, and none is open. Choose it again with “GPT-2: Select Model…”.`,
    );
  }
  if (!vscode.workspace.isTrusted) {
    throw new ModelFileError(
      `The model “${path}” lies in a workspace that is not trusted. Trust the workspace, or choose another model.`,
    );
  }
  return vscode.Uri.joinPath(folder, path);
}

function homeFolder(): string | undefined {
  const environment = typeof process === "undefined" ? {} : process.env;
  return environment["HOME"] ?? environment["USERPROFILE"];
}
