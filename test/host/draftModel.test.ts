import { assert } from "chai";
import * as vscode from "vscode";
import type { ModelLibrary } from "../../src/models/library";
import { createEngine, createLibrary, extensionUri, until, withSettings, workspaceUri } from "./support";

describe("ModelLibrary with a draft model", () => {
  let library: ModelLibrary;
  const scratch = () => vscode.Uri.joinPath(workspaceUri(), "models");

  beforeEach(async () => {
    library = createLibrary();
    await vscode.workspace.fs.createDirectory(scratch());
  });
  afterEach(async () => {
    library.dispose();
    await vscode.workspace.fs.delete(scratch(), { recursive: true });
  });

  it("is told when it is set, and the engine opens it", async () => {
    const bundled = vscode.Uri.joinPath(extensionUri(), "models", "gpt2-code-mini", "gpt2-code-mini.Q8_0.gguf");
    await vscode.workspace.fs.copy(bundled, vscode.Uri.joinPath(scratch(), "small.gguf"));
    let changes = 0;
    library.onDidChange(() => changes++);
    const reset = await withSettings({ draftModel: "models/small.gguf" });
    await until("the change is told", () => changes === 1);
    const engine = createEngine(library);
    try {
      assert.include(await engine.describe(), { name: "gpt2-code-mini" });
      assert.deepInclude((await engine.describe()).draftModel, { kind: "ready", name: "small.gguf" });
    } finally {
      await engine[Symbol.asyncDispose]();
      await reset();
    }
  });
});
