import * as vscode from "vscode";
import { formats } from "../formats/registry";
import { withRecent } from "./recentModels";
import type { ModelLibrary } from "./library";
import { shownPath } from "./locate";

/** Endings of the files that weights are usually in, as a dialog wants them. */
const weightsEndings = formats.flatMap(({ endings }) => endings.map((ending) => ending.slice(1)));

const recentKey = "gpt2.recentModels";

interface ModelItem extends vscode.QuickPickItem {
  /** A value for `gpt2.model`, or a way to find one. */
  readonly setting?: string;
  readonly browse?: "file" | "folder";
  readonly manages?: boolean;
}

/** The command GPT-2: Select Model…: asks for a model, checks that it can be opened, and writes the setting. */
export async function selectModel(library: ModelLibrary, memory: vscode.Memento): Promise<void> {
  const recent = memory.get<string[]>(recentKey, []);
  const chosen = await vscode.window.showQuickPick(itemsOf(library.setting, recent), {
    title: vscode.l10n.t("GPT-2: Select Model"),
    placeHolder: vscode.l10n.t("A model of the GPT-2 family on this machine"),
    matchOnDescription: true,
  });
  if (!chosen) return;
  if (chosen.manages === true) {
    await vscode.commands.executeCommand("gpt2.manageModels");
    return;
  }
  const setting = chosen.browse ? await browse(chosen.browse) : chosen.setting;
  if (setting !== undefined) await useModel(library, memory, setting);
}

/** Makes a model the active one if it can be opened, and remembers it. */
export async function useModel(library: ModelLibrary, memory: vscode.Memento, setting: string): Promise<void> {
  if (setting !== "") {
    if (!(await canBeOpened(library, setting))) return;
    await memory.update(recentKey, withRecent(memory.get<string[]>(recentKey, []), setting));
  }
  await library.choose(setting);
}

/** The quick pick's items: the bundled model, the recent ones, and ways to find another. */
function itemsOf(active: string, recent: readonly string[]): ModelItem[] {
  const { l10n } = vscode;
  const others = active === "" ? recent : withRecent(recent, active);
  const marked = (setting: string) => (setting === active ? "$(check) " : "");
  return [
    {
      label: `${marked("")}${l10n.t("Bundled model")}`,
      description: "gpt2-code-mini",
      detail: l10n.t("For TypeScript, JavaScript and Python; part of the extension"),
      setting: "",
    },
    { label: l10n.t("Recent"), kind: vscode.QuickPickItemKind.Separator },
    ...others.map((path) => ({
      label: `${marked(path)}${path.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, "")}`,
      description: path,
      setting: path,
    })),
    { label: l10n.t("Another model"), kind: vscode.QuickPickItemKind.Separator },
    {
      label: `$(file) ${l10n.t("Browse File…")}`,
      description: l10n.t("GGUF, safetensors, PyTorch or ONNX"),
      browse: "file",
    },
    {
      label: `$(folder) ${l10n.t("Browse Folder…")}`,
      description: l10n.t("with config.json and the weights"),
      browse: "folder",
    },
    {
      label: `$(cloud-download) ${l10n.t("Manage Models…")}`,
      description: l10n.t("download and delete"),
      manages: true,
    },
  ];
}

/** Asks for a model on this machine. @returns a value for `gpt2.model` */
export async function browse(kind: "file" | "folder"): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: kind === "file" ? vscode.l10n.t("Select a Model File") : vscode.l10n.t("Select a Model Folder"),
    openLabel: vscode.l10n.t("Select Model"),
    canSelectFiles: kind === "file",
    canSelectFolders: kind === "folder",
    ...(kind === "file"
      ? { filters: { [vscode.l10n.t("Models")]: weightsEndings, [vscode.l10n.t("All Files")]: ["*"] } }
      : {}),
  });
  const uri = chosen?.[0];
  return uri && shownPath(uri);
}

async function canBeOpened(library: ModelLibrary, setting: string): Promise<boolean> {
  try {
    const { problem } = await library.inspect(setting);
    if (problem === undefined) return true;
    void vscode.window.showErrorMessage(vscode.l10n.t("The model cannot complete text. {0}", problem));
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(vscode.l10n.t("The model cannot be opened. {0}", message));
    return false;
  }
}
