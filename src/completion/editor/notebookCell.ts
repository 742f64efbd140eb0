import * as vscode from "vscode";
import { type Cell, otherCells, type OtherText } from "../core/notebook";
import { unixLines } from "./unixLines";

/** A cell, found by its document. */
interface FoundCell {
  readonly notebook: vscode.NotebookDocument;
  readonly index: number;
}

/** The scheme of the documents of notebook cells. */
const cellScheme = "vscode-notebook-cell";

/** The notebook that a document is a cell of. */
function findCell({ uri }: vscode.TextDocument): FoundCell | undefined {
  if (uri.scheme !== cellScheme) return undefined;
  const key = uri.toString();
  for (const notebook of vscode.workspace.notebookDocuments) {
    const index = notebook.getCells().findIndex(({ document }) => document.uri.toString() === key);
    if (index >= 0) return { notebook, index };
  }
  return undefined;
}

/** The file that a document is in: of a notebook's cell, the notebook. */
export function fileOf(document: vscode.TextDocument): vscode.Uri {
  return findCell(document)?.notebook.uri ?? document.uri;
}

/** The other cells of the notebook that a document is a cell of; undefined for a document that is none. */
export function cellsAround(document: vscode.TextDocument, position: vscode.Position): OtherText | undefined {
  const found = findCell(document);
  return found && otherCells(found.notebook.getCells().map(cellOf), found.index, document.offsetAt(position));
}

/** The cells that were read: at a keystroke, only the one that was edited is read again. */
const known = new WeakMap<vscode.TextDocument, { readonly version: number; readonly cell: Cell }>();

function cellOf(cell: vscode.NotebookCell): Cell {
  const { document } = cell;
  const found = known.get(document);
  const kind = cell.kind === vscode.NotebookCellKind.Markup ? "markup" : "code";
  if (
    found?.version === document.version &&
    found.cell.kind === kind &&
    found.cell.languageId === document.languageId
  ) {
    return found.cell;
  }
  const read = readCell(cell);
  known.set(document, { version: document.version, cell: read });
  return read;
}

function readCell({ kind, document }: vscode.NotebookCell): Cell {
  return {
    kind: kind === vscode.NotebookCellKind.Markup ? "markup" : "code",
    languageId: document.languageId,
    text: unixLines(document.getText()),
  };
}
