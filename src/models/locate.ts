import * as vscode from "vscode";
import { ModelFileError } from "../formats/errors";
import type { ModelLocation } from "../engine/protocol";
import { filesOf, isModelFile, layoutOf } from "./folder";

/** A model that exists, before anything of it is read. */
export interface FoundModel {
  /** A file or folder name. */
  readonly name: string;
  /** The file, or the folder of a safetensors model. */
  readonly uri: vscode.Uri;
  /** The base names to read when the model has to be handed over as bytes. */
  readonly files: readonly string[];
}

/**
 * Looks for a model at a file or in a folder.
 * @throws ModelFileError saying what was looked for and what to do.
 */
export async function findModel(uri: vscode.Uri): Promise<FoundModel> {
  const shown = shownPath(uri);
  const type = await typeOf(uri);
  if (type === undefined) {
    throw new ModelFileError(`There is no model at “${shown}”. Choose another one with “GPT-2: Select Model…”.`);
  }
  if (type & vscode.FileType.Directory) {
    const layout = layoutOf(await fileNames(uri), shown);
    return layout.kind === "file"
      ? { name: layout.name, uri: vscode.Uri.joinPath(uri, layout.name), files: [layout.name] }
      : { name: baseName(uri), uri, files: layout.names };
  }
  const name = baseName(uri);
  if (!isModelFile(name)) {
    throw new ModelFileError(
      `“${shown}” is not a model that can be opened: the file should end in .gguf or .safetensors. Choose another one with “GPT-2: Select Model…”.`,
    );
  }
  if (name.toLowerCase().endsWith(".gguf")) return { name, uri, files: [name] };
  const siblings = await fileNames(vscode.Uri.joinPath(uri, ".."));
  const others = filesOf(siblings).filter((file) => !file.toLowerCase().endsWith(".safetensors"));
  return { name, uri, files: [name, ...others] };
}

/**
 * How the worker gets at the model: by its path where the worker can open it, or else as bytes.
 * @param canOpenPaths whether the worker has a file system (it runs in Node).
 */
export async function locationOf(model: FoundModel, canOpenPaths: boolean): Promise<ModelLocation> {
  if (canOpenPaths && model.uri.scheme === "file") return { kind: "path", path: model.uri.fsPath };
  const folder = isModelFile(baseName(model.uri)) ? vscode.Uri.joinPath(model.uri, "..") : model.uri;
  const files = model.files.map(async (name) => ({
    name,
    bytes: await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name)),
  }));
  return { kind: "bytes", name: model.name, files: await Promise.all(files) };
}

/** A path as the person would write it. */
export function shownPath(uri: vscode.Uri): string {
  return uri.scheme === "file" ? uri.fsPath : uri.toString(true);
}

function baseName(uri: vscode.Uri): string {
  return uri.path.replace(/\/+$/, "").split("/").pop() ?? uri.path;
}

async function typeOf(uri: vscode.Uri): Promise<vscode.FileType | undefined> {
  try {
    return (await vscode.workspace.fs.stat(uri)).type;
  } catch {
    return undefined;
  }
}

async function fileNames(folder: vscode.Uri): Promise<string[]> {
  const entries = await vscode.workspace.fs.readDirectory(folder);
  return entries.filter(([, type]) => !(type & vscode.FileType.Directory)).map(([name]) => name);
}
