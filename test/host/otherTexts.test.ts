import { assert } from "chai";
import * as vscode from "vscode";
import type { BackendState } from "../../src/backend/backend";
import { OtherTexts, type TextsBackend } from "../../src/completion/editor/otherTexts";
import { readyWith } from "../fixtures/backend";
import { closeEditors, until, workspaceUri } from "./support";

/** A backend that keeps what it is sent. */
class ListeningBackend implements TextsBackend {
  state: BackendState = readyWith();
  readonly sent: (readonly string[])[] = [];
  readonly #listeners = new Set<(state: BackendState) => void>();

  onDidChangeState(listener: (state: BackendState) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
  otherTexts(texts: readonly string[]): Promise<void> {
    this.sent.push(texts);
    return Promise.resolve();
  }
  become(state: BackendState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

describe("the texts of other documents", () => {
  const written: vscode.Uri[] = [];
  let texts: OtherTexts | undefined;
  afterEach(async () => {
    texts?.dispose();
    await closeEditors();
    for (const uri of written.splice(0)) await vscode.workspace.fs.delete(uri);
  });

  const show = async (name: string, content: string) => {
    const uri = vscode.Uri.joinPath(workspaceUri(), name);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
    written.push(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
  };

  it("are sent when the editor changes and when the backend has started, without secrets", async () => {
    await closeEditors();
    const backend = new ListeningBackend();
    texts = new OtherTexts(backend, (error) => assert.fail(String(error)));
    await show("other.ts", "const a = 1;\r\nconst b = 2;\r\n");
    await show("server.key", "const password = 'hunter2';");
    await show("notes.md", "Languages that are turned off are not shared.");
    await show("here.ts", "let x;");
    await until("the backend is sent texts", () => backend.sent.length > 0);
    const other = ["const a = 1;\nconst b = 2;\n"];
    assert.deepEqual(backend.sent.at(-1), other);
    const before = backend.sent.length;
    backend.become({ kind: "loading" });
    backend.become(readyWith());
    await until("the backend is sent texts again", () => backend.sent.length > before);
    assert.deepEqual(backend.sent.at(-1), other);
  });
});
