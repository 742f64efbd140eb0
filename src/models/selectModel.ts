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
}

/** The command GPT-2: Select Model…: chooses, looks whether it can be opened, and writes the setting. */
export async function selectModel(library: ModelLibrary, memory: vscode.Memento): Promise<void> {
  const recent = memory.get<string[]>(recentKey, []);
  const chosen = await vscode.window.showQuickPick(itemsOf(library.setting, recent), {
    title: "GPT-2: Select Model",
    placeHolder: "A GPT-2-family model on this machine",
    matchOnDescription: true,
  });
  if (!chosen) return;
  const setting = chosen.browse ? await browse(chosen.browse) : chosen.setting;
  if (setting === undefined) return;
  if (setting !== "") {
    if (!(await canBeOpened(library, setting))) return;
    await memory.update(recentKey, withRecent(recent, setting));
  }
  await library.choose(setting);
}

/** The quick pick's items: the bundled model, those used lately, and the ways to find another. */
function itemsOf(active: string, recent: readonly string[]): ModelItem[] {
  const others = active === "" ? recent : withRecent(recent, active);
  const marked = (setting: string) => (setting === active ? "$(check) " : "");
  return [
    {
      label: `${marked("")}Bundled model`,
      description: "gpt2-code-mini",
      detail: "TypeScript, JavaScript and Python; part of the extension",
      setting: "",
    },
    { label: "Recent", kind: vscode.QuickPickItemKind.Separator },
    ...others.map((path) => ({
      label: `${marked(path)}${path.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, "")}`,
      description: path,
      setting: path,
    })),
    { label: "Another model", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(file) Browse File…", description: "GGUF, safetensors, PyTorch or ONNX", browse: "file" },
    { label: "$(folder) Browse Folder…", description: "with config.json and the weights", browse: "folder" },
  ];
}

async function browse(kind: "file" | "folder"): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: kind === "file" ? "Select a model file" : "Select a model folder",
    openLabel: "Select Model",
    canSelectFiles: kind === "file",
    canSelectFolders: kind === "folder",
    ...(kind === "file" ? { filters: { Models: weightsEndings, "All Files": ["*"] } } : {}),
  });
  const uri = chosen?.[0];
  return uri && shownPath(uri);
}

async function canBeOpened(library: ModelLibrary, setting: string): Promise<boolean> {
  try {
    const { problem } = await library.inspect(setting);
    if (problem === undefined) return true;
    void vscode.window.showErrorMessage(`That model cannot complete text. ${problem}`);
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`That model cannot be opened. ${message}`);
    return false;
  }
}
