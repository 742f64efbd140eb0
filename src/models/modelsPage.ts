import * as vscode from "vscode";
import { catalog, catalogModel, type CatalogModel, licenseName } from "../hub/catalog";
import type { InstalledModel } from "../hub/installedModels";
import { parameterCount } from "../hub/memory";
import type { Precision } from "../gpt2/languageModel";
import { precisionSetting } from "./wordSettings";
import { deleteAfterQuestion, type ManageModelsDependencies, openFolder, perform, showError } from "./modelActions";
import { memoryLine, modelName } from "./modelItems";
import type { ModelRow, ModelsCommand, ModelsView, RowAction } from "./modelsView";

/** A model on the page, and what its buttons are about. */
interface Entry {
  readonly row: ModelRow;
  /** A value of `gpt2.model`; undefined for a model that is not there, or not all of it. */
  readonly setting?: string;
  readonly installed?: InstalledModel;
  readonly repository?: string;
  readonly file?: string;
}

/** The models as the page of the panel shows them: the same models and actions as in GPT-2: Manage Models. */
export class ModelsPage implements vscode.Disposable {
  readonly #dependencies: ManageModelsDependencies;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;

  /** Fires when the view may have changed. */
  readonly onDidChange = this.#changed.event;

  constructor(dependencies: ManageModelsDependencies) {
    this.#dependencies = dependencies;
    const { library, hub } = dependencies;
    this.#subscription = vscode.Disposable.from(
      library.onDidChange(() => this.#changed.fire()),
      hub.onDidChange(() => this.#changed.fire()),
    );
  }

  async view(): Promise<ModelsView> {
    const rows = (await this.#entries()).map(({ row }) => row);
    return {
      installed: rows.filter(({ state }) => state !== "offered"),
      offered: rows.filter(({ state }) => state === "offered"),
      hub: this.#hubName(),
    };
  }

  /** Does what a button of the page asks for. A model that is no longer there is passed over. */
  async run(command: ModelsCommand): Promise<void> {
    try {
      if (command.kind === "list") {
        await perform({ kind: command.action }, this.#dependencies);
        return;
      }
      const entry = (await this.#entries()).find(({ row }) => row.id === command.id);
      if (entry?.row.actions.includes(command.action)) await this.#act(command.action, entry);
    } catch (error) {
      showError(error);
    }
    // Also after nothing was changed: the list may have been out of date.
    this.#changed.fire();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  async #act(action: RowAction, { setting, installed, repository, file }: Entry): Promise<void> {
    const { hub } = this.#dependencies;
    if (action === "use" && setting !== undefined) await perform({ kind: "choose", setting }, this.#dependencies);
    if (action === "download" && repository !== undefined) {
      await perform({ kind: "download", repository, ...(file !== undefined && { file }) }, this.#dependencies);
    }
    if (action === "delete" && installed) await deleteAfterQuestion(installed, this.#dependencies);
    if (action === "folder" && installed) await openFolder(hub.folderOf(installed));
    if (action === "page" && repository !== undefined) await vscode.env.openExternal(hub.pageOf(repository));
  }

  async #entries(): Promise<readonly Entry[]> {
    const { library, hub } = this.#dependencies;
    const active = library.setting;
    const precision = precisionSetting();
    const installed = await hub.installed();
    const there = installed.map((model) => installedEntry(model, hub.settingOf(model), active, precision));
    const started = new Set(installed.map(({ repository }) => repository));
    const own = [bundledEntry(active), ...there];
    const isListed = own.some(({ setting }) => setting === active);
    const offered = catalog.filter(({ repository }) => !started.has(repository));
    return [
      ...(isListed ? [] : [localEntry(active)]),
      ...own,
      ...offered.map((model) => offeredEntry(model, precision)),
    ];
  }

  /** An endpoint that is no address is reported when something is downloaded. */
  #hubName(): string {
    try {
      return this.#dependencies.hub.endpoint.host;
    } catch {
      return "";
    }
  }
}

/** Use is offered for all but the active one. */
function stateOf(setting: string, active: string): Pick<ModelRow, "state" | "actions"> {
  return setting === active ? { state: "active", actions: [] } : { state: "installed", actions: ["use"] };
}

function bundledEntry(active: string): Entry {
  const row: ModelRow = {
    ...{ id: "bundled", name: vscode.l10n.t("Bundled model"), origin: "gpt2-code-mini", kind: "code", gated: false },
    ...stateOf("", active),
  };
  return { row, setting: "" };
}

/** A model that is opened in place. */
function localEntry(setting: string): Entry {
  const name = setting.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, "");
  return {
    row: { id: `local ${setting}`, name, origin: setting, gated: false, ...stateOf(setting, setting) },
    setting,
  };
}

function installedEntry(model: InstalledModel, setting: string, active: string, precision: Precision): Entry {
  const { repository, file, folder, bytes, totalBytes, complete } = model;
  const { state, actions } = stateOf(setting, active);
  const row: ModelRow = {
    ...described(catalogModel(repository), precision),
    ...licenseOf(model.license),
    ...{ id: `installed ${folder}`, name: modelName(model), origin: repository, gated: false, bytes },
    ...(!complete && totalBytes !== undefined && totalBytes > 0 && { share: bytes / totalBytes }),
    state: complete ? state : "partial",
    actions: [...(complete ? actions : (["download"] as const)), "delete", "folder", "page"],
  };
  return {
    ...{ row, installed: model, repository },
    ...(complete && { setting }),
    ...(file !== undefined && { file }),
  };
}

function offeredEntry(model: CatalogModel, precision: Precision): Entry {
  const { repository, name, bytes, gated } = model;
  const row: ModelRow = {
    ...described(model, precision),
    ...licenseOf(model.license),
    ...{ id: `offered ${repository}`, name, origin: repository, state: "offered", bytes, gated },
    actions: ["download", "page"],
  };
  return { row, repository };
}

/** What the catalog knows of a model. */
function described(model: CatalogModel | undefined, precision: Precision): Partial<ModelRow> {
  if (!model) return {};
  const { fit, text } = memoryLine(model.config, precision);
  return { kind: model.kind, parameters: parameterCount(model.config), memory: { fits: fit === "fits", text } };
}

function licenseOf(license: string | undefined): Pick<ModelRow, "license"> {
  const name = licenseName(license);
  return name === undefined ? {} : { license: name };
}
