import { assert } from "chai";
import * as vscode from "vscode";
import { commit, Oracle } from "./oracle";
import { closeEditors, pause, withSettings, workspaceUri } from "./support";
import { execute, type } from "./typing";

/** Changes a document as another extension does: without the keyboard. */
async function replace(document: vscode.TextDocument, found: string, replacement: string): Promise<void> {
  const offset = document.getText().indexOf(found);
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + found.length));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, replacement);
  await vscode.workspace.applyEdit(edit);
}

/** Replaces a whole text, as a formatter or a rename does. */
function wholeText(document: vscode.TextDocument, text: string): vscode.TextEdit {
  return vscode.TextEdit.replace(new vscode.Range(0, 0, document.lineCount, 0), text);
}

/** What happens after a suggestion was shown, and what accepting may lead to; it may always change nothing. */
interface Case {
  readonly title: string;
  readonly document?: string;
  readonly target?: string;
  readonly happens: (editor: vscode.TextEditor, target: string) => Thenable<unknown>;
  /** The documents that accepting may give beside the one that is there. */
  readonly accepted: readonly string[];
}

const shownIn = "f();\nconst total = items¦\ng();\n";
const completed = "f();\nconst total = items.length;\ng();\n";

const cases: readonly Case[] = [
  {
    title: "undo of what was typed along it",
    happens: async () => {
      await type(".");
      await execute("undo");
    },
    accepted: [completed],
  },
  {
    title: "redo",
    happens: async () => {
      await type(".");
      await execute("undo");
      await execute("redo");
    },
    accepted: [completed],
  },
  { title: "a letter that it does not have", happens: () => type("z"), accepted: [] },
  { title: "a space", happens: () => type(" "), accepted: [] },
  { title: "a line break", happens: () => type("\n"), accepted: [] },
  { title: "a cursor that goes left", happens: () => execute("cursorLeft"), accepted: [] },
  { title: "a cursor that goes to another line", happens: () => execute("cursorUp"), accepted: [] },
  { title: "a cursor that goes to the end", happens: () => execute("cursorBottom"), accepted: [] },
  { title: "a selection", happens: () => execute("cursorWordLeftSelect"), accepted: [] },
  {
    title: "a second cursor",
    happens: () => execute("editor.action.insertCursorAbove"),
    accepted: [],
  },
  {
    title: "a line that another extension inserts above",
    happens: ({ document }) => replace(document, "f();", "f();\nh();"),
    accepted: ["f();\nh();\nconst total = items.length;\ng();\n"],
  },
  {
    title: "a line that another extension deletes above",
    happens: ({ document }) => replace(document, "f();\n", ""),
    accepted: ["const total = items.length;\ng();\n"],
  },
  {
    title: "another name earlier in the line",
    happens: ({ document }) => replace(document, "total", "count"),
    accepted: ["f();\nconst count = items.length;\ng();\n"],
  },
  {
    title: "another name at the cursor",
    happens: ({ document }) => replace(document, "items", "things"),
    accepted: ["f();\nconst total = things.length;\ng();\n"],
  },
  {
    title: "text that another extension inserts after the cursor",
    happens: ({ document }) => replace(document, "items", "items.size;"),
    accepted: [],
  },
  {
    title: "a formatter",
    document: "if (a) {\nconst total = items¦\n}\n",
    target: "if (a) {\nconst total = items.length;\n}\n",
    happens: async ({ document }) => {
      const formatter = vscode.languages.registerDocumentFormattingEditProvider("typescript", {
        provideDocumentFormattingEdits: (formatted) => [
          wholeText(formatted, formatted.getText().replace("const", "  const")),
        ],
      });
      await during(formatter, () => execute("editor.action.formatDocument"));
      assert.include(document.getText(), "  const total");
    },
    accepted: ["if (a) {\n  const total = items.length;\n}\n"],
  },
  {
    title: "a rename",
    happens: async ({ document }) => {
      const renamer = vscode.languages.registerRenameProvider("typescript", {
        provideRenameEdits: (renamed, _position, newName) => {
          const edit = new vscode.WorkspaceEdit();
          edit.set(renamed.uri, [wholeText(renamed, renamed.getText().replaceAll("items", newName))]);
          return edit;
        },
      });
      await during(renamer, async () => {
        const position = new vscode.Position(1, 15);
        const edit = await execute("vscode.executeDocumentRenameProvider", document.uri, position, "goods");
        await vscode.workspace.applyEdit(edit as vscode.WorkspaceEdit);
      });
      assert.include(document.getText(), "goods");
    },
    accepted: ["f();\nconst total = goods.length;\ng();\n"],
  },
  {
    title: "a snippet",
    happens: () => execute("editor.action.insertSnippet", { snippet: ".map(${1:item} => $0)" }),
    accepted: [],
  },
];

/** Does something while a provider is registered. */
async function during(registration: vscode.Disposable, task: () => Thenable<unknown>): Promise<void> {
  try {
    await task();
  } finally {
    registration.dispose();
  }
}

describe("ghost text fits the text that is there, or is gone, after", () => {
  let oracle: Oracle;
  let restore: () => Promise<void>;
  /** Of all formatters for TypeScript, the test's own. */
  const setFormatter = (id: string | undefined) =>
    vscode.workspace.getConfiguration("editor").update("defaultFormatter", id, vscode.ConfigurationTarget.Global);
  before(async () => {
    restore = await withSettings({ "inlineCompletions.languages": { "*": false } });
    await setFormatter("gpt2-vscode.gpt2-vscode");
  });
  after(async () => {
    await setFormatter(undefined);
    await restore();
  });
  beforeEach(() => (oracle = new Oracle()));
  afterEach(async () => {
    oracle.dispose();
    await closeEditors();
  });

  for (const { title, document = shownIn, target = completed, happens, accepted } of cases) {
    it(title, async () => {
      const editor = await oracle.open(document, target);
      await oracle.show();
      oracle.silence();
      await happens(editor, target);
      await pause(100);
      const there = editor.document.getText();
      await commit();
      const text = editor.document.getText();
      assert.include([there, ...accepted], text);
      if (text === there) return;
      await execute("undo");
      assert.equal(editor.document.getText(), there, "one undo did not restore");
    });
  }

  it("a file that changes on disk, as when another branch is checked out", async () => {
    const uri = vscode.Uri.joinPath(workspaceUri(), "branch.ts");
    const write = (text: string) => vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    try {
      await write("f();\nconst total = items\ng();\n");
      const document = await vscode.workspace.openTextDocument(uri);
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(1, 19, 1, 19);
      oracle.text = completed;
      await pause(100);
      await oracle.show();
      oracle.silence();
      const other = "h();\nf();\nconst count = things\ng();\n";
      await write(other);
      for (let wait = 0; document.getText() !== other && wait < 100; wait++) await pause(100);
      assert.equal(document.getText(), other);
      await commit();
      assert.equal(document.getText(), other);
    } finally {
      await closeEditors();
      await vscode.workspace.fs.delete(uri);
    }
  });

  it("formatting on save", async () => {
    const uri = vscode.Uri.joinPath(workspaceUri(), "saved.ts");
    const settings = vscode.workspace.getConfiguration("editor");
    const formatter = vscode.languages.registerDocumentFormattingEditProvider("typescript", {
      provideDocumentFormattingEdits: (document) => [
        wholeText(document, document.getText().replace("const  total", "const total")),
      ],
    });
    await settings.update("formatOnSave", true, vscode.ConfigurationTarget.Global);
    try {
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode("f();\nconst  total = item\n"));
      const document = await vscode.workspace.openTextDocument(uri);
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(1, 19, 1, 19);
      oracle.text = "f();\nconst  total = item.length;\n";
      await type(" ");
      await execute("deleteLeft");
      await oracle.show();
      oracle.silence();
      await during(formatter, () => execute("workbench.action.files.save"));
      await pause(300);
      const there = document.getText();
      assert.include(there, "const total = item");
      await commit();
      assert.include([there, "f();\nconst total = item.length;\n"], document.getText());
    } finally {
      await settings.update("formatOnSave", undefined, vscode.ConfigurationTarget.Global);
      await closeEditors();
      await vscode.workspace.fs.delete(uri);
    }
  });
});
