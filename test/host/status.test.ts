import { assert } from "chai";
import * as vscode from "vscode";
import { Activity } from "../../src/backend/activity";
import { LocalBackend } from "../../src/backend/localBackend";
import type { EngineClient } from "../../src/engine/client";
import type { PowerSource } from "../../src/engine/host/powerSource";
import type { ModelLibrary } from "../../src/models/library";
import { inlineSwitch } from "../../src/status/inlineSwitch";
import { BatteryWatch } from "../../src/status/batteryWatch";
import { Snooze } from "../../src/status/snooze";
import { StatusItem } from "../../src/status/statusItem";
import { WorkPauses } from "../../src/status/workPauses";
import { closeEditors, createEngine, createLibrary, pause, TestMemento, until, withSettings } from "./support";

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
  let pauses: WorkPauses;
  let activity: Activity;
  let power: PowerSource;
  const indexed = new vscode.EventEmitter<{ state: "ready" | "indexing"; files: number; bytes: number }>();

  beforeEach(() => {
    library = createLibrary();
    engine = createEngine(library);
    activity = new Activity();
    power = "external";
    pauses = new WorkPauses(new Snooze(new TestMemento()), new BatteryWatch(() => Promise.resolve(power)));
    const workspace = {
      status: { state: "ready" as const, files: 2, bytes: 3_450_000 },
      onDidChangeStatus: indexed.event,
    };
    item = new StatusItem({ backend: new LocalBackend(engine), workspace, pauses, activity });
  });
  afterEach(async () => {
    item.dispose();
    pauses.dispose();
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

  it("says which settings are not used, as long as that is so", async () => {
    const reset = await withSettings({ backend: "cuda" });
    await until("the setting is shown", () => item.view.lines.some((line) => line.includes("gpt2.backend")));
    assert.include(item.view.lines[1], 'gpt2.backend is "cuda"');
    assert.isFalse(item.view.warning);
    await reset();
    assert.notInclude(item.view.lines.join("\n"), "gpt2.backend");
  });

  it("says until when it is snoozed, and that of two reasons to pause", async () => {
    await pauses.snooze.begin(5);
    assert.equal(item.view.state.kind, "snoozed");
    assert.isTrue(pauses.suggestions);
    assert.isFalse(pauses.idleWork);
    await pauses.snooze.end();
    assert.equal(item.view.state.kind, "notLoaded");
    power = "battery";
    await pauses.battery.look();
    assert.isTrue(pauses.idleWork);
    assert.isFalse(pauses.suggestions);
    assert.include(item.view.lines.at(-1), "nothing is prepared between keystrokes");
    const reset = await withSettings({ onBattery: "pauseSuggestions" });
    await until("suggestions pause on battery", () => item.view.state.kind === "pausedOnBattery");
    assert.isTrue(pauses.suggestions);
    await withSettings({ onBattery: "continue" });
    await until("nothing pauses", () => item.view.state.kind === "notLoaded");
    assert.isFalse(pauses.idleWork);
    await reset();
    power = "external";
    await pauses.battery.look();
    assert.isFalse(pauses.idleWork);
  });

  it("ends a snooze by itself", async () => {
    await pauses.snooze.begin(0.02);
    assert.equal(item.view.state.kind, "snoozed");
    await until("the snooze ends", () => item.view.state.kind === "notLoaded");
  });

  it("shows work and indexing only when they last", async () => {
    await activity.during(pause(50));
    assert.equal(item.view.state.kind, "notLoaded");
    const work = activity.during(pause(1500));
    await until("the work is shown", () => item.view.state.kind === "working");
    await work;
    assert.equal(item.view.state.kind, "notLoaded");
    indexed.fire({ state: "indexing", files: 0, bytes: 0 });
    await until("the indexing is shown", () => item.view.state.kind === "indexing");
    indexed.fire({ state: "ready", files: 2, bytes: 10 });
    assert.equal(item.view.state.kind, "notLoaded");
  });

  it("says that the language of the active editor is off", async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "markdown" }));
    // The web extension host does not know the names that the editor's own extensions give to languages.
    assert.match(item.view.lines[0] ?? "", /^Inline completions are off for markdown\.$/i);
  });
});
