import { assert } from "chai";
import * as vscode from "vscode";
import { MemoryFiles } from "./memoryFiles";
import { Scratch } from "./scratch";
import { closeEditors, until } from "./support";
import { accepted, CODE, execute, goToEnd, loadModel, open, openFile, SILENCE, type } from "./typing";

describe("suggestions come", () => {
  const scratch = new Scratch();
  before(loadModel);
  afterEach(() => scratch.undo());

  describe("in a notebook", () => {
    const notebook = async (...cells: readonly (readonly [text: string, language: string])[]) => {
      const data = new vscode.NotebookData(
        cells.map(([text, language]) => {
          const kind = language === "markdown" ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code;
          return new vscode.NotebookCellData(kind, text, language);
        }),
      );
      const document = await vscode.workspace.openNotebookDocument("jupyter-notebook", data);
      await vscode.window.showNotebookDocument(document);
      return document;
    };
    /** Puts the cursor to the end of a cell. */
    const edit = async (document: vscode.NotebookDocument, index: number) => {
      const editor = vscode.window.activeNotebookEditor;
      assert.isDefined(editor);
      editor.selection = new vscode.NotebookRange(index, index + 1);
      await execute("notebook.cell.edit");
      await until("the cell's editor", () => {
        return vscode.window.activeTextEditor?.document === document.cellAt(index).document;
      });
      const { activeTextEditor } = vscode.window;
      assert.isDefined(activeTextEditor);
      await goToEnd(activeTextEditor);
      return activeTextEditor.document;
    };

    it("from what the cells before say", async () => {
      const document = await notebook(
        ["# Customers", "markdown"],
        ["customer_addresses = load_addresses()\nprint(customer_addresses)", "python"],
        ["print(len(customer_addresses))\nprint(customer_addr", "python"],
        ["print('done')", "python"],
      );
      const cell = await edit(document, 2);
      await type("e");
      assert.match(await accepted(cell), /^sses/);
      assert.equal(document.cellAt(1).document.getText().split("\n").length, 2);
    });

    it("and are silent in a cell of a language that is off", async () => {
      const document = await notebook(["print(customer)", "python"], ["print(cust", "markdown"]);
      const cell = await edit(document, 1);
      await type("o");
      assert.equal(await accepted(cell, SILENCE), "");
    });
  });

  it("on the side of a diff editor that can be written", async () => {
    const left = await scratch.file("left.ts", CODE);
    const right = await scratch.file("right.ts", `${CODE}\n// changed\n    return this`);
    await execute("vscode.diff", left, right, "diff");
    await until("the diff editor", () => vscode.window.activeTextEditor?.document.uri.toString() === right.toString());
    const editor = vscode.window.activeTextEditor;
    assert.isDefined(editor);
    await goToEnd(editor);
    await type(".");
    assert.notEqual(await accepted(editor.document), "");
  });

  it("in each of two editors of one document, where the cursor is", async () => {
    const uri = await scratch.file("two.ts", CODE);
    const first = await openFile(uri, vscode.ViewColumn.One);
    first.selection = new vscode.Selection(0, 0, 2, 0);
    const second = await openFile(uri, vscode.ViewColumn.Two);
    await type(".");
    assert.notEqual(await accepted(second.document), "");
  });

  it("in a file of a virtual file system", async () => {
    const files = new MemoryFiles({ "/virtual.ts": CODE });
    const registration = vscode.workspace.registerFileSystemProvider("gpt2-memory", files);
    try {
      const editor = await openFile(vscode.Uri.parse("gpt2-memory:/virtual.ts"));
      await type(".");
      assert.notEqual(await accepted(editor.document), "");
    } finally {
      await closeEditors();
      registration.dispose();
    }
  });

  it("with the names of another open document, which was never saved", async () => {
    const signature = "export function bill(customer: Customer, order: Order): void {\n";
    await open(`${signature}  const invoiceNumber = createInvoiceNumber(customer, order);\n}\n`);
    const editor = await open(`f();\n\n${signature}  const invoiceNumber = creat`);
    let text = "";
    // The index follows the editor a moment later.
    for (let attempt = 0; attempt < 12 && text === ""; attempt++) {
      await type("e");
      text = await accepted(editor.document, SILENCE);
      if (text === "") await execute("deleteLeft");
    }
    assert.match(text, /^InvoiceNumber\(customer, order\)/);
  });

  it("beside an extension that takes over typing, as Vim's do", async () => {
    const typed: unknown[] = [];
    const command = vscode.commands.registerCommand("type", (args: unknown) => {
      typed.push(args);
      return vscode.commands.executeCommand("default:type", args);
    });
    try {
      const editor = await open(CODE);
      await type(".");
      assert.notEqual(await accepted(editor.document), "");
      assert.lengthOf(typed, 1);
    } finally {
      command.dispose();
    }
  });

  it("after an input method has composed a letter, not while it does", async () => {
    const editor = await open(CODE);
    await execute("compositionStart");
    await execute("compositionType", { text: ".", replacePrevCharCnt: 0, replaceNextCharCnt: 0, positionDelta: 0 });
    assert.equal(await accepted(editor.document, SILENCE), "");
    await execute("compositionEnd");
    await execute("deleteLeft");
    await type(".");
    assert.notEqual(await accepted(editor.document), "");
  });

  it("at the end of a very long line where the editor draws it: when it is wrapped", async () => {
    const settings = vscode.workspace.getConfiguration("editor");
    const wrap = (value: string | undefined) => settings.update("wordWrap", value, vscode.ConfigurationTarget.Global);
    const editor = await open(`f();\n${"this.items.length; this.names.size; ".repeat(5500)}this.items`);
    await type(".");
    assert.equal(await accepted(editor.document, SILENCE), "");
    await wrap("on");
    try {
      await execute("deleteLeft");
      await type(".");
      assert.match(await accepted(editor.document), /^length/);
    } finally {
      await wrap(undefined);
    }
  });

  it("only after a pause with a screen reader, which reads out every ghost text", async () => {
    const settings = vscode.workspace.getConfiguration("editor");
    const support = (value: string | undefined) =>
      settings.update("accessibilitySupport", value, vscode.ConfigurationTarget.Global);
    await support("on");
    try {
      const editor = await open(CODE);
      await type(".");
      assert.equal(await accepted(editor.document, 500), "");
      assert.notEqual(await accepted(editor.document), "");
    } finally {
      await support(undefined);
    }
  });

  it("in Markdown when it is turned on, and end with the sentence", async () => {
    await scratch.set({ "inlineCompletions.languages": { markdown: true } });
    const sentences = ["The list holds the items.", "The list holds the items.", "The list holds the "];
    const text = sentences.join(" Then it adds them up. ");
    const editor = await open(text, "markdown");
    await type("i");
    assert.equal(await accepted(editor.document), "tems.");
  });
});
