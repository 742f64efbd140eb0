import { hostBackends } from "#engine-host";
import { assert } from "chai";
import * as vscode from "vscode";
import { insertToken } from "../../src/diagnostics/insertToken";
import { DiagnosticsPanel } from "../../src/diagnostics/panel";
import { BackendChooser } from "../../src/backend/choice/backendChooser";
import { RememberedChoices } from "../../src/backend/choice/rememberedChoices";
import { LocalBackend } from "../../src/backend/localBackend";
import type { EngineClient } from "../../src/engine/client";
import type { ModelLibrary } from "../../src/models/library";
import { closeEditors, createEngine, createLibrary, extensionUri, pause, TestMemento, until } from "./support";

function panels(): vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(
    ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(DiagnosticsPanel.viewType),
  );
}

describe("GPT-2: Open Diagnostics", () => {
  afterEach(closeEditors);

  it("opens one panel, and another one after that was closed", async () => {
    await vscode.commands.executeCommand("gpt2.openDiagnostics");
    await until("the panel is there", () => panels().length === 1);
    await vscode.commands.executeCommand("gpt2.openDiagnostics");
    assert.lengthOf(panels(), 1);
    await vscode.window.tabGroups.close(panels());
    await until("the panel is gone", () => panels().length === 0);
    await vscode.commands.executeCommand("gpt2.openDiagnostics");
    await until("the panel is there again", () => panels().length === 1);
  });
});

describe("a picked token", () => {
  afterEach(closeEditors);

  it("is inserted at the cursor, which moves after it, and leaves the rest of the document unchanged", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "a = \nb" });
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.CRLF));
    editor.selection = new vscode.Selection(0, 4, 0, 4);
    await insertToken(editor, "1;\n ", "insert");
    assert.equal(document.getText(), "a = 1;\r\n \r\nb");
    const cursor = vscode.window.activeTextEditor?.selection.active;
    assert.deepEqual([cursor?.line, cursor?.character], [1, 1]);
  });

  it("goes into a document that another tab covers, and shows it", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "a" });
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    editor.selection = new vscode.Selection(0, 1, 0, 1);
    const cover = await vscode.workspace.openTextDocument({ content: "" });
    await vscode.window.showTextDocument(cover, { preview: false });
    await insertToken(editor, "b", "continue");
    assert.equal(document.getText(), "ab");
    assert.equal(vscode.window.activeTextEditor?.document, document);
  });
});

const noEvent = new vscode.EventEmitter<void>().event;
const ran = () => Promise.resolve();

describe("DiagnosticsPanel", () => {
  let library: ModelLibrary;
  let engine: EngineClient;
  let panel: DiagnosticsPanel;
  let view: vscode.WebviewPanel;
  /** Where the next token was asked for, as offsets. */
  let asked: number[];

  before(() => {
    library = createLibrary();
    engine = createEngine(library);
  });
  after(async () => {
    library.dispose();
    await engine[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    const content = "const greeting = `hello`;\nconst parting = ";
    const document = await vscode.workspace.openTextDocument({ language: "typescript", content });
    const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    editor.selection = new vscode.Selection(1, 16, 1, 16);
    asked = [];
    view = vscode.window.createWebviewPanel(DiagnosticsPanel.viewType, "Test", {
      viewColumn: vscode.ViewColumn.Two,
      preserveFocus: true,
    });
    panel = new DiagnosticsPanel(view, {
      backend: new LocalBackend(engine),
      extensionUri: extensionUri(),
      models: { view: () => Promise.resolve({ installed: [], offered: [], hub: "" }), run: ran, onDidChange: noEvent },
      decisions: { lastDecision: undefined, onDidDecide: noEvent },
      choice: new BackendChooser({
        engine,
        candidates: hostBackends,
        remembered: new RememberedChoices(new TestMemento(), "1"),
        mayWork: () => false,
        log: { info: () => undefined, warn: () => undefined },
      }),
      requestAt: (asking, position) => {
        asked.push(asking.offsetAt(position));
        const prefix = asking.getText(new vscode.Range(0, 0, position.line, position.character));
        return { prompt: { header: "", prefix, suffix: "" }, maxTokens: 16, healing: true };
      },
    });
  });

  afterEach(async () => {
    panel.dispose();
    view.dispose();
    await closeEditors();
  });

  function moveTo(line: number, character: number): void {
    const editor = vscode.window.visibleTextEditors[0];
    if (editor) editor.selection = new vscode.Selection(line, character, line, character);
  }

  it("asks the engine at the cursor as soon as its page has loaded, and again where the cursor comes to rest", async () => {
    await until("the page asks", () => asked.length > 0);
    assert.equal(asked[0], 42);
    await until("the engine is there", () => engine.state.kind === "ready");
    moveTo(0, 3);
    moveTo(0, 6);
    await until("the cursor is followed", () => asked.at(-1) === 6);
    assert.notInclude(asked, 3, "it was asked where the cursor only passed");
  });

  it("ends what it is asking as soon as the cursor moves", async () => {
    const signals: AbortSignal[] = [];
    const inspect = (_method: unknown, _params: unknown, options: { readonly signal?: AbortSignal } = {}) => {
      if (options.signal) signals.push(options.signal);
      return new Promise<never>(() => undefined);
    };
    engine.inspect = inspect;
    try {
      await until("the engine is asked", () => signals.at(-1)?.aborted === false && engine.state.kind === "ready");
      const last = signals.at(-1);
      moveTo(0, 6);
      await until("the question ends", () => last?.aborted === true);
      await until("another one is asked", () => signals.at(-1)?.aborted === false);
      assert.equal(asked.at(-1), 6);
    } finally {
      // That of the class is used again.
      Reflect.deleteProperty(engine, "inspect");
    }
  });

  it("asks for nothing while it is hidden, and again when it is back", async () => {
    await until("the page asks", () => asked.length > 0);
    const cover = await vscode.workspace.openTextDocument({ content: "" });
    await vscode.window.showTextDocument(cover, { viewColumn: vscode.ViewColumn.Two, preserveFocus: true });
    await until("the panel is hidden", () => !view.visible);
    moveTo(0, 6);
    await pause(600);
    assert.notInclude(asked, 6);
    panel.reveal();
    await until("the page asks again", () => asked.at(-1) === 6);
  });
});
