import { machineBytes } from "#hub-host";
import * as vscode from "vscode";
import type { Gpt2Config } from "../gpt2/config/config";
import type { Precision } from "../gpt2/languageModel";
import { catalog, catalogModel, type CatalogModel, licenseName } from "../hub/catalog";
import type { InstalledModel } from "../hub/installedModels";
import { estimateMemory, type Fit, fitOf, parameterCount } from "../hub/memory";
import { shownBytes } from "./sizes";

/** What choosing an item of GPT-2: Manage Models does. */
export type ModelAction =
  | { readonly kind: "choose"; readonly setting: string }
  | { readonly kind: "download"; readonly repository: string; readonly file?: string }
  | { readonly kind: "otherRepository" | "browseFile" | "browseFolder" | "setToken" | "showPage" };

export interface ModelItem extends vscode.QuickPickItem {
  readonly action?: ModelAction;
  /** The model that the buttons are about. */
  readonly installed?: InstalledModel;
  readonly repository?: string;
}

export const deleteButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("trash"),
  tooltip: vscode.l10n.t("Delete"),
};
export const folderButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("folder-opened"),
  tooltip: vscode.l10n.t("Open Folder"),
};
export const pageButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("link-external"),
  tooltip: vscode.l10n.t("Open Model Page"),
};

export interface ModelItemsInput {
  readonly installed: readonly InstalledModel[];
  /** What `gpt2.model` calls a downloaded model. */
  readonly settingOf: (model: InstalledModel) => string;
  /** The value of `gpt2.model`. */
  readonly active: string;
  readonly precision: Precision;
}

/** The items of GPT-2: Manage Models. */
export function modelItems({ installed, settingOf, active, precision }: ModelItemsInput): ModelItem[] {
  const { l10n } = vscode;
  const started = new Set(installed.map(({ repository }) => repository));
  const marked = (setting: string, icon: string) => (setting === active ? "$(check) " : icon);
  return [
    separator(l10n.t("On this machine")),
    {
      label: `${marked("", "$(file-binary) ")}${l10n.t("Bundled model")}`,
      description: "gpt2-code-mini",
      detail: l10n.t("For TypeScript, JavaScript and Python; part of the extension"),
      action: { kind: "choose", setting: "" },
    },
    ...installed
      .filter(({ complete }) => complete)
      .map((model) => installedItem(model, settingOf(model), marked(settingOf(model), "$(file-binary) "))),
    separator(l10n.t("Download from the hub")),
    ...installed.filter(({ complete }) => !complete).map(interruptedItem),
    ...catalog.filter(({ repository }) => !started.has(repository)).map((model) => catalogItem(model, precision)),
    {
      label: `$(search) ${l10n.t("Another Model on the Hub…")}`,
      description: l10n.t("by its name, such as owner/name"),
      action: { kind: "otherRepository" },
    },
    separator(l10n.t("More")),
    {
      label: `$(file) ${l10n.t("Browse File…")}`,
      description: l10n.t("opened in place, without a copy"),
      action: { kind: "browseFile" },
    },
    {
      label: `$(folder) ${l10n.t("Browse Folder…")}`,
      description: l10n.t("with config.json and the weights"),
      action: { kind: "browseFolder" },
    },
    {
      label: `$(table) ${l10n.t("Show as a Page")}`,
      description: l10n.t("all models with their sizes and licenses"),
      action: { kind: "showPage" },
    },
    {
      label: `$(key) ${l10n.t("Set Hugging Face Token…")}`,
      description: l10n.t("for models that are not open to everybody"),
      action: { kind: "setToken" },
    },
  ];
}

/** What a person calls a model. */
export function modelName({ repository, file }: { readonly repository: string; readonly file?: string }): string {
  return file ?? catalogModel(repository)?.name ?? repository;
}

/** Whether and how a model runs on this machine, a sentence for a person. */
export function memoryLine(config: Gpt2Config, precision: Precision): { readonly fit: Fit; readonly text: string } {
  const { l10n } = vscode;
  const estimate = estimateMemory(config, precision);
  const fit = fitOf(estimate, machineBytes());
  const needed = shownBytes(estimate.peakBytes);
  switch (fit) {
    case "fits":
      return { fit, text: l10n.t("Needs {0} of memory.", needed) };
    case "tight":
      return { fit, text: l10n.t("Needs {0} of memory while it is loaded: tight on this machine.", needed) };
    case "exceedsMachine":
      return { fit, text: l10n.t("Needs {0} of memory, more than this machine has.", needed) };
  }
}

function installedItem(model: InstalledModel, setting: string, icon: string): ModelItem {
  return {
    label: `${icon}${modelName(model)}`,
    description: facts(model.repository, shownBytes(model.bytes), licenseName(model.license)),
    action: { kind: "choose", setting },
    installed: model,
    repository: model.repository,
    buttons: [pageButton, folderButton, deleteButton],
  };
}

function interruptedItem(model: InstalledModel): ModelItem {
  const { l10n } = vscode;
  const { repository, file, bytes, totalBytes } = model;
  const progress =
    totalBytes === undefined || totalBytes === 0
      ? shownBytes(bytes)
      : l10n.t("{0} % of {1}", Math.floor((100 * bytes) / totalBytes), shownBytes(totalBytes));
  return {
    label: `$(debug-continue) ${modelName(model)}`,
    description: facts(progress, licenseName(model.license)),
    detail: l10n.t("Not complete: continue the download"),
    action: { kind: "download", repository, ...(file !== undefined && { file }) },
    installed: model,
    repository,
    buttons: [pageButton, folderButton, deleteButton],
  };
}

function catalogItem(model: CatalogModel, precision: Precision): ModelItem {
  const { l10n } = vscode;
  const { repository, name, kind, license, bytes, config, gated } = model;
  const { fit, text } = memoryLine(config, precision);
  const parameters = l10n.t("{0} M parameters", Math.round(parameterCount(config) / 1e6));
  const content = kind === "code" ? l10n.t("Code.") : l10n.t("English text.");
  const access = gated ? l10n.t("Needs a token.") : "";
  return {
    label: `$(cloud-download) ${name}`,
    description: facts(parameters, shownBytes(bytes), licenseName(license)),
    detail: [fit === "fits" ? "" : "$(warning)", content, text, access].filter((part) => part !== "").join(" "),
    action: { kind: "download", repository },
    repository,
    buttons: [pageButton],
  };
}

function facts(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(" · ");
}

function separator(label: string): ModelItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
