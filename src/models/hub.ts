import * as vscode from "vscode";
import { HubClient } from "../hub/client";
import { addressOn, defaultEndpoint, parseEndpoint } from "../hub/endpoint";
import { deleteModel, type InstalledModel, installedModels } from "../hub/installedModels";
import { downloadModel, type DownloadPlan, type DownloadProgress, modelPath, planDownload } from "../hub/modelDownload";
import type { ModelReference } from "../hub/repository";
import type { ModelStorage } from "../hub/storage";
import { textSetting } from "../completion/core/settingValues";

export interface ModelHubOptions {
  readonly storage: ModelStorage;
  readonly secrets: vscode.SecretStorage;
  readonly log: Pick<vscode.LogOutputChannel, "info" | "warn">;
}

/** The downloaded models, and the hub that more of them come from. It connects to the hub only when a person asks for a model. */
export class ModelHub implements vscode.Disposable {
  readonly #storage: ModelStorage;
  readonly #secrets: vscode.SecretStorage;
  readonly #log: ModelHubOptions["log"];
  readonly #changed = new vscode.EventEmitter<void>();

  /** Fires when what is in the storage may have changed. */
  readonly onDidChange = this.#changed.event;

  constructor({ storage, secrets, log }: ModelHubOptions) {
    this.#storage = storage;
    this.#secrets = secrets;
    this.#log = log;
  }

  /** The hub by the setting `gpt2.models.endpoint`. @throws DownloadError when that is no address */
  get endpoint(): URL {
    const setting = textSetting(vscode.workspace.getConfiguration("gpt2").get("models.endpoint"), "").trim();
    return parseEndpoint(setting === "" ? defaultEndpoint : setting);
  }

  /** Whether the hub's token can be used here: browsers follow redirects unseen. */
  get usesToken(): boolean {
    return this.#storage.redirects === "checked";
  }

  /** The page of a model. */
  pageOf(repository: string): vscode.Uri {
    return vscode.Uri.parse(addressOn(this.endpoint, repository).href, true);
  }

  /** The models in the storage, also those that are there in part. */
  installed(): Promise<InstalledModel[]> {
    return installedModels(this.#storage);
  }

  /** What `gpt2.model` calls a downloaded model. */
  settingOf(model: InstalledModel): string {
    return this.#storage.locate(modelPath({ folder: model.folder, reference: model }));
  }

  folderOf({ folder }: InstalledModel): string {
    return this.#storage.locate(folder);
  }

  /** @throws DownloadError */
  async plan(reference: ModelReference, signal: AbortSignal): Promise<DownloadPlan> {
    return planDownload(await this.#client(), reference, signal);
  }

  /**
   * Downloads a model, or the rest of it.
   * @returns what `gpt2.model` calls it
   * @throws DownloadError, or the signal's reason
   */
  async download(
    plan: DownloadPlan,
    signal: AbortSignal,
    onProgress: (progress: DownloadProgress) => void,
  ): Promise<string> {
    const { repository } = plan.reference;
    this.#log.info(`Downloading ${repository} from ${this.endpoint.origin} (${plan.totalBytes} bytes).`);
    try {
      const setting = await downloadModel(plan, {
        client: await this.#client(),
        storage: this.#storage,
        signal,
        onProgress: (progress) => {
          if (progress.kind === "retrying") this.#log.warn(progress.error.message);
          onProgress(progress);
        },
      });
      this.#log.info(`${repository} is complete.`);
      return setting;
    } finally {
      this.#changed.fire();
    }
  }

  /** @throws DownloadError while it is being downloaded */
  async delete({ folder }: InstalledModel): Promise<void> {
    await deleteModel(this.#storage, folder);
    this.#log.info(`${folder} was deleted.`);
    this.#changed.fire();
  }

  /** Stores the token for the hub of the settings, or forgets it if it is empty. Other hubs never get it. */
  async setToken(token: string): Promise<void> {
    const key = this.#tokenKey();
    if (token === "") await this.#secrets.delete(key);
    else await this.#secrets.store(key, token);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #client(): Promise<HubClient> {
    const token = this.usesToken ? await this.#secrets.get(this.#tokenKey()) : undefined;
    return new HubClient({ endpoint: this.endpoint, token, redirects: this.#storage.redirects });
  }

  #tokenKey(): string {
    return `gpt2.huggingFaceToken ${this.endpoint.origin}`;
  }
}
