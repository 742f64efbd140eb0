import * as vscode from "vscode";
import { readAdapterRules } from "../completion/editor/adapterSetting";
import type { AdapterChoice, DraftModelChoice, ModelLocation, OpenOptions } from "../engine/protocol";
import type { ModelFiles } from "../formats/byteSource";
import { ModelFileError } from "../formats/errors";
import { MemoryFiles } from "../formats/memory";
import { inspectModel, type ModelInspection } from "../gpt2/weights/inspect";
import { findModel, type FoundModel, remedyFor } from "./locate";
import { type ModelSetting, parseModelSetting } from "./setting";
import { backendSetting, precisionSetting } from "./wordSettings";
import { integerSetting, numberSetting, switchSetting, textSetting } from "../completion/core/settingValues";

export interface LibraryOptions {
  readonly extensionUri: vscode.Uri;
  /** Where prepared weights may be stored, or undefined for nowhere. */
  readonly storageUri: vscode.Uri | undefined;
  /** Opens a model by its path, where there is a file system (in Node); elsewhere the editor reads the files. */
  readonly openPath: ((path: string) => Promise<ModelFiles>) | undefined;
}

/** Knows which model is active, where its files are, and when the settings change that. */
export class ModelLibrary implements vscode.Disposable {
  readonly #options: LibraryOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #watcher: vscode.Disposable;

  /** Fires when the settings name another model, or another way to run it. */
  readonly onDidChange = this.#changed.event;

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.#watcher = vscode.workspace.onDidChangeConfiguration((event) => {
      const keys = [
        "gpt2.model",
        "gpt2.draftModel",
        "gpt2.adapters",
        "gpt2.backend",
        "gpt2.deviceMap",
        "gpt2.precision",
        "gpt2.halfWeights",
        "gpt2.threads",
        "gpt2.cacheMemory",
      ];
      if (keys.some((key) => event.affectsConfiguration(key))) this.#changed.fire();
    });
  }

  /** The value of `gpt2.model`; empty for the bundled model. */
  get setting(): string {
    return textSetting(vscode.workspace.getConfiguration("gpt2").get("model"), "").trim();
  }

  /**
   * Finds the model that a value of a setting names.
   * @throws ModelFileError when it does not exist or is no model.
   */
  async find(value: string, setting: ModelSetting = "model"): Promise<FoundModel> {
    const remedy = remedyFor(setting);
    return findModel(this.#resolve(value, remedy), remedy);
  }

  /**
   * Reads the headers of the model that a value of `gpt2.model` names.
   * @throws ModelFileError when it does not exist, is damaged, or is not a GPT-2.
   */
  async inspect(setting: string): Promise<ModelInspection> {
    const model = await this.find(setting);
    const path = this.#pathOf(model);
    if (path && this.#options.openPath) return inspectModel(await this.#options.openPath(path));
    const files = (await readFiles(model)).map(({ name, bytes }) => [name, bytes] as const);
    return inspectModel(new MemoryFiles(model.name, new Map(files)));
  }

  /**
   * What the engine needs to open the active model.
   * @throws ModelFileError when it does not exist.
   */
  async openOptions(): Promise<OpenOptions> {
    const settings = vscode.workspace.getConfiguration("gpt2");
    const cacheMemory = numberSetting(settings.get("cacheMemory"), { min: 0, max: 3072 }, 0);
    const location = await this.#locate(await this.find(this.setting));
    const draftModel = await this.#locateDraftModel(textSetting(settings.get("draftModel"), "").trim());
    const adapters = await this.#locateAdapters();
    return {
      location,
      ...(draftModel && { draftModel }),
      ...(adapters.length > 0 && { adapters }),
      backend: backendSetting(),
      deviceMap: textSetting(settings.get("deviceMap"), "auto"),
      precision: precisionSetting(),
      roundToHalf: switchSetting(settings.get("halfWeights"), false),
      threads: integerSetting(settings.get("threads"), { min: 0, max: 16 }, 0),
      ...(cacheMemory > 0 && { cacheBudgetBytes: cacheMemory * 2 ** 20 }),
      cacheFolder: this.#cacheFolder(),
    };
  }

  /** Makes `setting` the active model: in the workspace if it has a value of its own, or else in the user's settings. */
  async choose(setting: string): Promise<void> {
    const settings = vscode.workspace.getConfiguration("gpt2");
    const ownValue = settings.inspect<string>("model")?.workspaceValue !== undefined;
    const target = ownValue ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    await settings.update("model", setting === "" && !ownValue ? undefined : setting, target);
  }

  dispose(): void {
    this.#watcher.dispose();
    this.#changed.dispose();
  }

  /** The draft model, or what is wrong with it: the model runs without. */
  async #locateDraftModel(setting: string): Promise<DraftModelChoice | undefined> {
    if (setting === "") return undefined;
    try {
      return await this.#locate(await this.find(setting, "draftModel"));
    } catch (error) {
      return { kind: "unusable", problem: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The adapters of the setting, each once, or what is wrong with them: the model runs without those. */
  async #locateAdapters(): Promise<AdapterChoice[]> {
    const names = [...new Set(readAdapterRules().map(({ path }) => path))];
    return Promise.all(
      names.map(async (name) => {
        try {
          return { name, location: await this.#locate(await this.find(name, "adapters")) };
        } catch (error) {
          const problem = error instanceof Error ? error.message : String(error);
          return { name, location: { kind: "unusable", problem } as const };
        }
      }),
    );
  }

  /** A model by its path if the worker can open that, or else as bytes. */
  async #locate(model: FoundModel): Promise<ModelLocation> {
    const path = this.#pathOf(model);
    return path ? { kind: "path", path } : { kind: "bytes", name: model.name, files: await readFiles(model) };
  }

  #pathOf({ uri }: FoundModel): string | undefined {
    return this.#options.openPath && uri.scheme === "file" ? uri.fsPath : undefined;
  }

  #resolve(value: string, remedy: string): vscode.Uri {
    const reference = parseModelSetting(value, homeFolder());
    switch (reference.kind) {
      case "bundled":
        return vscode.Uri.joinPath(this.#options.extensionUri, "models", "gpt2-code-mini");
      case "uri":
        return vscode.Uri.parse(reference.uri, true);
      case "absolute":
        return this.#absolute(reference.path);
      case "relative":
        return relativeToWorkspace(reference.path, remedy);
      case "homeless":
        throw new ModelFileError(
          `${vscode.l10n.t("The model “{0}” is in a home folder, and this window has none.", reference.path)} ${remedy}`,
        );
    }
  }

  /** In a browser a path can only mean the file system of the workspace. */
  #absolute(path: string): vscode.Uri {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    return this.#options.openPath || folder === undefined ? vscode.Uri.file(path) : folder.with({ path });
  }

  #cacheFolder(): string | undefined {
    const { openPath, storageUri } = this.#options;
    if (!openPath || storageUri?.scheme !== "file") return undefined;
    return vscode.Uri.joinPath(storageUri, "graphs").fsPath;
  }
}

function readFiles(model: FoundModel): Promise<{ name: string; bytes: Uint8Array }[]> {
  return Promise.all(
    model.files.map(async ({ name, uri }) => ({ name, bytes: await vscode.workspace.fs.readFile(uri) })),
  );
}

function relativeToWorkspace(path: string, remedy: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder === undefined) {
    const problem = vscode.l10n.t("The path “{0}” is relative to a workspace folder, and none is open.", path);
    throw new ModelFileError(`${problem} ${remedy}`);
  }
  if (!vscode.workspace.isTrusted) {
    const problem = vscode.l10n.t("The model “{0}” is in a workspace that is not trusted. Trust the workspace.", path);
    throw new ModelFileError(`${problem} ${remedy}`);
  }
  return vscode.Uri.joinPath(folder, path);
}

function homeFolder(): string | undefined {
  const environment = typeof process === "undefined" ? {} : process.env;
  return environment["HOME"] ?? environment["USERPROFILE"];
}
