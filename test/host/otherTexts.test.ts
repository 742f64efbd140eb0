import { assert } from "chai";
import * as vscode from "vscode";
import { OtherTexts, type TextsEngine } from "../../src/completion/editor/otherTexts";
import { closeEditors, until, workspaceUri } from "./support";

/** An engine that is told what the editor has open. */
class ListeningEngine implements TextsEngine {
  state = { kind: "ready" };
  readonly told: (readonly string[])[] = [];
  readonly #listeners = new Set<() => void>();

  onDidChangeState(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
  otherTexts(texts: readonly string[]): Promise<void> {
    this.told.push(texts);
    return Promise.resolve();
  }
  become(kind: string): void {
    this.state = { kind };
    for (const listener of this.#listeners) listener();
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

  it("are told to the engine when the editor is changed and when the engine has started, without secrets", async () => {
    await closeEditors();
    const engine = new ListeningEngine();
    texts = new OtherTexts(engine, (error) => assert.fail(String(error)));
    await show("other.ts", "const a = 1;\r\nconst b = 2;\r\n");
    await show("server.key", "const password = 'hunter2';");
    await show("notes.md", "Languages that are switched off are nobody's business.");
    await show("here.ts", "let x;");
    await until("the engine is told", () => engine.told.length > 0);
    const other = ["const a = 1;\nconst b = 2;\n"];
    assert.deepEqual(engine.told.at(-1), other);
    const before = engine.told.length;
    engine.become("loading");
    engine.become("ready");
    await until("the engine is told again", () => engine.told.length > before);
    assert.deepEqual(engine.told.at(-1), other);
  });
});
