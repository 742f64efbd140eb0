import { InputError } from "../../generation/errors";
import { catalog, licenseAddress, licenseName } from "../../hub/catalog";
import { HubClient } from "../../hub/client";
import { addressOn } from "../../hub/endpoint";
import { NodeStorage } from "../../hub/host/nodeStorage";
import { deleteModel, type InstalledModel, installedModels } from "../../hub/installedModels";
import { parameterCount } from "../../hub/memory";
import { downloadModel, type DownloadProgress, modelPath, planDownload } from "../../hub/modelDownload";
import { folderName, type ModelReference } from "../../hub/repository";
import type { ModelStorage } from "../../hub/storage";
import type { ModelsCommand } from "../modelsCommand";
import type { Output } from "../output";
import { ProgressLine } from "../progress";

/**
 * Lists, downloads or deletes models.
 * @throws DownloadError, or InputError when there is nothing to delete or the license is not accepted
 */
export async function models(command: ModelsCommand, output: Output, signal: AbortSignal): Promise<void> {
  const storage = new NodeStorage(command.folder);
  const { action } = command;
  switch (action.kind) {
    case "list":
      await list(storage, command, output);
      break;
    case "download":
      await download(action, storage, command, output, signal);
      break;
    case "delete":
      await remove(action.reference, storage);
      break;
  }
}

async function list(storage: ModelStorage, { folder, json }: ModelsCommand, output: Output): Promise<void> {
  const installed = await installedModels(storage);
  const offered = catalog.map(({ repository, license, bytes, config }) => ({
    ...{ repository, license, bytes, parameters: parameterCount(config) },
  }));
  if (json) {
    output.json({ folder, installed: installed.map((model) => ({ ...model, path: pathOf(storage, model) })), offered });
    return;
  }
  const lines = [
    `In ${folder}`,
    ...installed.map((model) => `  ${nameOf(model).padEnd(40)} ${stateOf(model).padEnd(16)} ${pathOf(storage, model)}`),
    ...(installed.length === 0 ? ["  no models"] : []),
    "",
    "For download",
    ...offered.map(
      ({ repository, license, bytes, parameters }) =>
        `  ${repository.padEnd(40)} ${`${Math.round(parameters / 1e6)} M parameters`.padEnd(18)} ${megabytes(bytes).padStart(8)}  ${licenseName(license)}`,
    ),
  ];
  output.text(`${lines.join("\n")}\n`);
}

async function download(
  { reference, acceptLicense }: Extract<ModelsCommand["action"], { readonly kind: "download" }>,
  storage: ModelStorage,
  { endpoint, token, json }: ModelsCommand,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const client = new HubClient({ endpoint, token });
  const plan = await planDownload(client, reference, signal);
  const license = licenseName(plan.license) ?? "no license named";
  const address = licenseAddress(plan.license, addressOn(endpoint, reference.repository).href);
  const offer = `${nameOf(reference)}: ${megabytes(plan.totalBytes)}, license: ${license} (${address})`;
  if (!acceptLicense) throw new InputError(`${offer}\nTo accept the license and download, add --accept-license.`);
  output.note(`${offer}\n`);
  using progress = new ProgressLine(output, false);
  const path = await downloadModel(plan, { client, storage, signal, onProgress: (one) => progress.text(lineOf(one)) });
  if (json) output.json({ path, bytes: plan.totalBytes, commit: plan.commit });
  else output.text(`${path}\n`);
}

async function remove(reference: ModelReference, storage: ModelStorage): Promise<void> {
  const folder = folderName(reference);
  if (!(await installedModels(storage)).some((model) => model.folder === folder)) {
    throw new InputError(`${nameOf(reference)} is not there. See models list.`);
  }
  await deleteModel(storage, folder);
}

function lineOf(progress: DownloadProgress): string {
  switch (progress.kind) {
    case "waiting":
      return "Another program is downloading it.";
    case "retrying":
      return `${progress.error.message} Trying again in ${Math.ceil(progress.delayMs / 1000)} s.`;
    case "receiving": {
      const { bytes, totalBytes, bytesPerSecond = 0, secondsLeft } = progress;
      const rest = secondsLeft === undefined ? "" : `, ${Math.ceil(secondsLeft)} s left`;
      return `${megabytes(bytes)} of ${megabytes(totalBytes)}, ${megabytes(bytesPerSecond)}/s${rest}`;
    }
  }
}

function nameOf({ repository, file }: ModelReference): string {
  return file === undefined ? repository : `${repository}/${file}`;
}

function stateOf({ complete, bytes, totalBytes = 0 }: InstalledModel): string {
  return complete
    ? megabytes(bytes)
    : `${Math.floor((100 * bytes) / Math.max(1, totalBytes))} % of ${megabytes(totalBytes)}`;
}

function pathOf(storage: ModelStorage, model: InstalledModel): string {
  return storage.locate(modelPath({ folder: model.folder, reference: model }));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
