import { assert } from "chai";
import * as vscode from "vscode";
import { LocalBackend } from "../../src/backend/localBackend";
import type { EngineClient } from "../../src/engine/client";
import type { ModelLibrary } from "../../src/models/library";
import { inlineSwitch } from "../../src/status/inlineSwitch";
import { StatusItem } from "../../src/status/statusItem";
import { closeEditors, createEngine, createLibrary, withSettings } from "./support";

describe("the switch for inline completions", () => {
  it("is flipped by its command, and flipped back", async () => {
    assert.isTrue(inlineSwitch.enabled);
    await vscode.commands.executeCommand("gpt2.toggleInlineCompletions");
    assert.isFalse(inlineSwitch.enabled);
    await vscode.commands.executeCommand("gpt2.toggleInlineCompletions");
    assert.isTrue(inlineSwitch.enabled);
  });

  it("turns one language off and leaves the others as they are", async () => {
    await inlineSwitch.toggleLanguage("python");
    assert.equal(inlineSwitch.stateFor("python"), "offForLanguage");
    assert.equal(inlineSwitch.stateFor("typescript"), "on");
    assert.equal(inlineSwitch.stateFor("markdown"), "offForLanguage");
    await inlineSwitch.toggleLanguage("python");
    assert.equal(inlineSwitch.stateFor("python"), "on");
    const settings = vscode.workspace.getConfiguration("gpt2.inlineCompletions");
    await settings.update("languages", undefined, vscode.ConfigurationTarget.Global);
  });

  it("knows a language's own value of the setting, and removes it when the language is turned on", async () => {
    const { Global } = vscode.ConfigurationTarget;
    const python = vscode.workspace.getConfiguration("gpt2.inlineCompletions", { languageId: "python" });
    await python.update("enabled", false, Global, true);
    assert.equal(inlineSwitch.stateFor("python"), "offForLanguage");
    assert.equal(inlineSwitch.stateFor("typescript"), "on");
    await inlineSwitch.toggleLanguage("python");
    assert.equal(inlineSwitch.stateFor("python"), "on");
    assert.isUndefined(vscode.workspace.getConfiguration("gpt2.inlineCompletions").inspect("languages")?.globalValue);
  });
});

describe("the status bar item", () => {
  let library: ModelLibrary;
  let engine: EngineClient;
  let item: StatusItem;

  beforeEach(() => {
    library = createLibrary();
    engine = createEngine(library);
    item = new StatusItem(new LocalBackend(engine), {
      status: { state: "ready", files: 2, bytes: 3_450_000 },
      onDidChangeStatus: new vscode.EventEmitter<never>().event,
    });
  });
  afterEach(async () => {
    item.dispose();
    library.dispose();
    await engine[Symbol.asyncDispose]();
    await closeEditors();
  });

  it("follows the engine from its first request to the last latency", async () => {
    assert.equal(item.view.text, "$(sparkle) GPT-2");
    const opening = engine.describe();
    await Promise.resolve();
    assert.equal(item.view.text, "$(loading~spin) GPT-2");
    await opening;
    assert.match(item.view.lines[1] ?? "", /^gpt2-code-mini \(/);
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    await engine.generate({ prompt: "const a = ", maxTokens: 4, sampling });
    assert.match(item.view.lines.at(-1) ?? "", /^Last: \d tokens? in \d+ ms/);
  });

  it("warns when the model is not there, and is calm again after a restart", async () => {
    const reset = await withSettings({ model: "/nowhere/model.gguf" });
    await engine.describe().catch(() => undefined);
    assert.isTrue(item.view.warning);
    assert.include(item.view.lines[0], "There is no model at");
    await reset();
    await engine.restart();
    assert.isFalse(item.view.warning);
    assert.include((await engine.describe()).name, "gpt2-code-mini");
  });

  it("says that the language of the active editor is off", async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "markdown" }));
    // The web extension host does not know the names that the editor's own extensions give to languages.
    assert.match(item.view.lines[0] ?? "", /^Inline completions are off for markdown\.$/i);
  });
});
