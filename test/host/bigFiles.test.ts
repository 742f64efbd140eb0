import { assert } from "chai";
import * as vscode from "vscode";
import { InlineCompletionProvider } from "../../src/completion/editor/provider";
import { WorkspaceTexts } from "../../src/completion/editor/workspace/workspaceTexts";
import type { TextChange } from "../../src/completion/core/workspace/openText";
import type { ToIndexWorker } from "../../src/completion/core/workspace/worker/protocol";
import { FakeBackend } from "./fakeBackend";
import { Scratch } from "./scratch";
import { openFile } from "./typing";
import { closeEditors, pause, until } from "./support";

/** Characters that may be read at a keystroke, whatever the size of the document: the window of the prompt. */
const mostRead = 80_000;

/** A language without a language server, which would be busy with such files for a long time. */
const language = "go";
const line = "export const value = compute(alpha, beta);\n";
const files: Readonly<Record<string, string>> = {
  "5 MB": line.repeat(Math.ceil((5 << 20) / line.length)),
  "one line of 200,000 characters": "call(one, two); ".repeat(12_500),
  "200,000 brackets": "({[".repeat(66_667),
  "200,000 blanks": " ".repeat(200_000),
  "code after 100,000 blanks": `${" ".repeat(100_000)}x;`.repeat(2),
  "100,000 empty lines": "\n".repeat(100_000),
  "a binary file shown as text": Array.from({ length: 200_000 }, (_, i) =>
    String.fromCharCode((i * 7919 + (i >> 3)) % 256),
  ).join(""),
};

/** A document that counts the characters that are read of it. The editor's own is frozen: what stands for it is another object. */
function counting(document: vscode.TextDocument): { readonly document: vscode.TextDocument; read: number } {
  const counted = {
    read: 0,
    document: new Proxy({} as vscode.TextDocument, {
      get(_target, key) {
        const value: unknown = Reflect.get(document, key);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(value, document, args);
          if (typeof result === "string") counted.read += result.length;
          return result;
        };
      },
    }),
  };
  return counted;
}

/** Types the editor's text one key after the other, by edits. */
async function typeInto(editor: vscode.TextEditor, position: vscode.Position, text: string): Promise<void> {
  for (const [index, key] of Array.from(text).entries()) {
    await editor.edit((edit) => edit.insert(position.translate(0, index), key));
  }
}

describe("big and odd files", () => {
  const failures: unknown[] = [];
  const traces: string[] = [];
  let provider: InlineCompletionProvider;
  let backend: FakeBackend;

  // The editor does not draw the end of a very long line that is not wrapped, and nothing is suggested there.
  const wrap = (value: string | undefined) =>
    vscode.workspace.getConfiguration("editor").update("wordWrap", value, vscode.ConfigurationTarget.Global);
  before(() => wrap("on"));
  after(() => wrap(undefined));
  beforeEach(() => {
    backend = new FakeBackend("return compute(alpha);");
    failures.length = 0;
    traces.length = 0;
    provider = new InlineCompletionProvider({
      backend,
      onFailure: (error) => failures.push(error),
      log: { trace: (message) => traces.push(message) },
    });
  });
  afterEach(async () => {
    provider.dispose();
    await closeEditors();
  });

  async function suggestAt(document: vscode.TextDocument, position: vscode.Position) {
    const source = new vscode.CancellationTokenSource();
    const context = { triggerKind: vscode.InlineCompletionTriggerKind.Automatic, selectedCompletionInfo: undefined };
    const items = await provider.provideInlineCompletionItems(document, position, context, source.token);
    source.dispose();
    return items;
  }

  for (const [name, text] of Object.entries(files)) {
    it(`${name}: a keystroke reads no more than the prompt's window, at the start, in the middle and at the end`, async () => {
      const document = await vscode.workspace.openTextDocument({ content: text, language });
      for (const share of [0, 0.5, 1]) {
        const counted = counting(document);
        // The editor may have changed the line breaks.
        const { length } = document.getText();
        await suggestAt(counted.document, document.positionAt(Math.floor(share * length)));
        assert.isAtMost(counted.read, mostRead);
        assert.isAbove(counted.read, 0);
      }
      assert.deepEqual(failures, []);
      assert.isNotEmpty(backend.requests, traces.join(" "));
    });
  }

  it("a suggestion comes at the end of a line of 200,000 characters, and in a file of 5 MB", async () => {
    const longLine = files["one line of 200,000 characters"] ?? "";
    const fiveMegabytes = files["5 MB"] ?? "";
    for (const text of [`${longLine}\n${longLine}`, `${fiveMegabytes}function f() {\n  `]) {
      const document = await vscode.workspace.openTextDocument({ content: text, language });
      const items = await suggestAt(document, document.positionAt(text.length));
      assert.isAtLeast(items.length, 1, traces.join(" "));
    }
  });
});

function edited(text: string, changes: readonly TextChange[]): string {
  for (const { offset, length, text: inserted } of changes) {
    text = text.slice(0, offset) + inserted + text.slice(offset + length);
  }
  return text;
}

describe("the index of the workspace with big files", () => {
  const posted: ToIndexWorker[] = [];
  // Files: the editor may give an untitled document the name and the text of a large one that was just closed.
  const scratch = new Scratch();
  let texts: WorkspaceTexts;

  before(async () => {
    await closeEditors();
    texts = new WorkspaceTexts({
      spawn: () =>
        Promise.resolve({
          post: (message) => posted.push(message),
          onMessage: () => undefined,
          onDeath: () => undefined,
          [Symbol.asyncDispose]: () => Promise.resolve(),
        }),
      log: { debug: () => undefined, warn: (message) => assert.fail(message) },
    });
    await until("the index is started", () => posted.length > 0);
  });
  after(() => texts[Symbol.asyncDispose]());
  afterEach(() => scratch.undo());

  const ofDocument = ({ uri }: vscode.TextDocument) =>
    posted.filter((message) => message.kind !== "visit" && "uri" in message && message.uri === uri.toString());
  const untilIndexed = (document: vscode.TextDocument) =>
    until("the document is in the index", () => ofDocument(document).some(({ kind }) => kind === "open"));
  /** What the index has of a document. */
  const textOf = (document: vscode.TextDocument) =>
    ofDocument(document).reduce((text, message) => {
      if (message.kind === "open") return message.text;
      if (message.kind === "append") return text + message.text;
      return message.kind === "edit" ? edited(text, message.changes) : text;
    }, "");
  const charactersOf = (messages: readonly ToIndexWorker[]) => JSON.stringify(messages).length;

  it("gets nothing of a file of 5 MB, however much is typed there", async () => {
    const editor = await openFile(await scratch.file("large.go", files["5 MB"] ?? ""));
    await typeInto(editor, new vscode.Position(0, 0), "const answer = 42;");
    await pause(300);
    assert.deepEqual(ofDocument(editor.document), []);
  });

  it("gets a large file once, in slices, and then only what is typed", async () => {
    const editor = await openFile(await scratch.file("lines.go", line.repeat(20_000)));
    await untilIndexed(editor.document);
    await typeInto(editor, new vscode.Position(0, 0), "const answer = 42;");
    await until("all of it is in the index", () => textOf(editor.document) === editor.document.getText());
    const messages = ofDocument(editor.document);
    const edits = messages.filter(({ kind }) => kind === "edit");
    assert.isNotEmpty(edits);
    assert.isBelow(charactersOf(edits), 4000);
    const slices = messages.flatMap((message) =>
      message.kind === "open" || message.kind === "append" ? [message.text.length] : [],
    );
    assert.isAtMost(Math.max(...slices), 1 << 16);
    assert.isAtMost(
      slices.reduce((sum, length) => sum + length, 0),
      editor.document.getText().length,
    );
  });

  it("gets 10,000 edits of a tool in few messages, with nothing lost", async () => {
    const editor = await openFile(await scratch.file("values.go", "value\n".repeat(10_000)));
    await untilIndexed(editor.document);
    const edit = new vscode.WorkspaceEdit();
    for (let row = 0; row < 10_000; row++) {
      edit.replace(editor.document.uri, new vscode.Range(row, 0, row, 5), "changed");
    }
    await vscode.workspace.applyEdit(edit);
    for (let i = 0; i < 100; i++) {
      await editor.edit((change) => change.insert(new vscode.Position(0, 0), "x"), {
        undoStopBefore: false,
        undoStopAfter: false,
      });
    }
    await pause(300);
    const edits = ofDocument(editor.document).filter(({ kind }) => kind === "edit");
    assert.isBelow(edits.length, 100);
    assert.equal(textOf(editor.document), editor.document.getText());
  });
});
