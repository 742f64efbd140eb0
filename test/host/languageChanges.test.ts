import { assert } from "chai";
import * as vscode from "vscode";
import { LanguageChanges } from "../../src/completion/editor/languageChanges";
import { closeEditors, until, workspaceUri } from "./support";

describe("LanguageChanges", () => {
  let changes: LanguageChanges;
  let changed: string[];
  let opened: string[];
  let subscriptions: readonly { dispose(): unknown }[];
  beforeEach(() => {
    [changed, opened] = [[], []];
    changes = new LanguageChanges();
    subscriptions = [
      changes,
      changes.onDidChange(({ languageId }) => changed.push(languageId)),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => opened.push(uri.toString())),
    ];
  });
  afterEach(async () => {
    for (const subscription of subscriptions) subscription.dispose();
    await closeEditors();
  });

  it("tells when a document gets another language", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "a", language: "plaintext" });
    await vscode.window.showTextDocument(document);
    assert.deepEqual(changed, []);
    await vscode.languages.setTextDocumentLanguage(document, "typescript");
    await until("the change", () => changed.length > 0);
    assert.deepEqual(changed, ["typescript"]);
  });

  it("tells nothing when a file is opened", async () => {
    const uri = vscode.Uri.joinPath(workspaceUri(), "just-opened.ts");
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode("const a = 1;\n"));
    try {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
      await until("the file", () => opened.includes(uri.toString()));
      assert.deepEqual(changed, []);
    } finally {
      await closeEditors();
      await vscode.workspace.fs.delete(uri);
    }
  });
});
