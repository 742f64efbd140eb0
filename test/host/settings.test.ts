import { assert } from "chai";
import * as vscode from "vscode";
import { readSettings, settingsSection } from "../../src/completion/core/settings";
import { thresholds } from "../../src/completion/core/ranking/eagerness";
import { InlineCompletionProvider } from "../../src/completion/editor/provider";
import { WorkspaceTexts } from "../../src/completion/editor/workspace/workspaceTexts";
import type { ToIndexWorker } from "../../src/completion/core/workspace/worker/protocol";
import type { OpenOptions } from "../../src/engine/protocol";
import { directOptions, formFromSettings, generateSettings, isHistoryOn, presets } from "../../src/generate/settings";
import { followEngineSettings, unloadAfter } from "../../src/models/engineSettings";
import { reportWordProblems, wordProblems } from "../../src/models/wordSettings";
import { backendChoices } from "../../src/gpt2/backends/backend";
import { precisions } from "../../src/gpt2/languageModel";
import { FakeBackend } from "./fakeBackend";
import { open } from "./typing";
import { Scratch } from "./scratch";
import { createLibrary, extensionUri, pause, until } from "./support";

interface Property {
  readonly scope?: string;
  readonly enum?: readonly unknown[];
}

async function manifestProperties(): Promise<ReadonlyMap<string, Property>> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri(), "package.json"));
  const manifest = JSON.parse(new TextDecoder().decode(bytes)) as {
    contributes: { configuration: { properties: Record<string, Property> } };
  };
  return new Map(Object.entries(manifest.contributes.configuration.properties));
}

const code = "// note\nexport function f(items: string[]) {\n  ";

/** Settings with another value than the default, which a language may override. */
const overrides: Readonly<Record<string, unknown>> = {
  enabled: false,
  delay: 123,
  multiline: "never",
  maxTokens: 7,
  temperature: 0.7,
  eagerness: "shy",
  idleWork: false,
  comments: false,
  strings: false,
  whileDeleting: false,
};

describe("settings for one language", () => {
  const read = (languageId: string) => readSettings(vscode.workspace.getConfiguration(settingsSection, { languageId }));

  it("are all of those that are declared so, and no others", async () => {
    const declared = [...(await manifestProperties())]
      .filter(([, { scope }]) => scope === "language-overridable")
      .map(([key]) => key);
    assert.sameMembers(
      declared,
      Object.keys(overrides).map((key) => `${settingsSection}.${key}`),
    );
  });

  for (const [key, value] of Object.entries(overrides)) {
    it(`${key} counts for that language only`, async () => {
      const { Global } = vscode.ConfigurationTarget;
      const usual = read("python");
      const python = vscode.workspace.getConfiguration(settingsSection, { languageId: "python" });
      await python.update(key, value, Global, true);
      try {
        assert.deepEqual(read("python"), { ...usual, [key]: value });
        assert.deepEqual(read("typescript"), usual);
      } finally {
        await python.update(key, undefined, Global, true);
      }
      assert.deepEqual(read("python"), usual);
    });
  }
});

describe("settings of suggestions have an effect on the next keystroke:", () => {
  const scratch = new Scratch();
  let backend: FakeBackend;
  let provider: InlineCompletionProvider;

  beforeEach(() => {
    backend = new FakeBackend("return items.length;");
    provider = new InlineCompletionProvider({
      backend,
      onFailure: (error) => assert.fail(String(error)),
      log: { trace: () => undefined },
    });
  });
  afterEach(async () => {
    provider.dispose();
    await scratch.undo();
  });

  /** What is suggested at the end of a text. */
  async function suggest(text = code, languageId = "typescript"): Promise<string | undefined> {
    const { document, selection } = await open(text, languageId);
    provider.restart();
    backend.requests.length = 0;
    const source = new vscode.CancellationTokenSource();
    const context = { triggerKind: vscode.InlineCompletionTriggerKind.Automatic, selectedCompletionInfo: undefined };
    const items = await Promise.race([
      provider.provideInlineCompletionItems(document, selection.active, context, source.token),
      pause(1000),
    ]);
    source.cancel();
    source.dispose();
    const suggested = items?.[0]?.insertText;
    return typeof suggested === "string" ? suggested : undefined;
  }

  it("enabled and languages", async () => {
    assert.equal(await suggest(), "return items.length;");
    await scratch.set({ "inlineCompletions.enabled": false });
    assert.isUndefined(await suggest());
    await scratch.set({ "inlineCompletions.enabled": true, "inlineCompletions.languages": { typescript: false } });
    assert.isUndefined(await suggest());
    await scratch.set({ "inlineCompletions.languages": { markdown: true } });
    await suggest("# Notes\n\nThe ", "markdown");
    assert.isNotEmpty(backend.requests);
  });

  it("delay", async () => {
    await scratch.set({ "inlineCompletions.delay": 5000 });
    assert.isUndefined(await suggest());
    assert.isEmpty(backend.requests);
    await scratch.set({ "inlineCompletions.delay": 0 });
    assert.isDefined(await suggest());
  });

  it("multiline, maxTokens and temperature", async () => {
    await suggest();
    assert.deepInclude(backend.requests[0], { stop: "block", maxTokens: 64 });
    await scratch.set({
      "inlineCompletions.multiline": "never",
      "inlineCompletions.maxTokens": 9,
      "inlineCompletions.temperature": 0.5,
    });
    await suggest();
    assert.deepInclude(backend.requests[0], { stop: "line", maxTokens: 9 });
    assert.equal(backend.requests[0]?.sampling.temperature, 0.5);
  });

  it("eagerness", async () => {
    for (const eagerness of ["shy", "eager"] as const) {
      await scratch.set({ "inlineCompletions.eagerness": eagerness });
      await suggest();
      assert.equal(provider.lastDecision?.threshold, thresholds[eagerness]);
    }
  });

  it("idleWork", async () => {
    await suggest();
    assert.equal(backend.ahead, 1);
    await scratch.set({ "inlineCompletions.idleWork": false });
    assert.isDefined(await suggest());
    assert.equal(backend.ahead, 1);
  });

  it("comments and strings", async () => {
    for (const [key, text] of [
      ["comments", "// the "],
      ["strings", 'export const title = "The '],
    ] as const) {
      await suggest(text);
      assert.isNotEmpty(backend.requests, key);
      await scratch.set({ [`inlineCompletions.${key}`]: false });
      await suggest(text);
      assert.isEmpty(backend.requests, key);
    }
  });
});

describe("settings of the engine and the workspace have an effect at once:", () => {
  const scratch = new Scratch();
  afterEach(() => scratch.undo());

  it("the model and how it runs", async () => {
    const library = createLibrary();
    let changes = 0;
    library.onDidChange(() => changes++);
    try {
      const expected: Partial<OpenOptions> = { backend: "onnxruntime", precision: "f32", threads: 3 };
      for (const [key, value] of Object.entries(expected)) await scratch.set({ [key]: value });
      await scratch.set({ cacheMemory: 99 });
      await scratch.set({ deviceMap: "1,1" });
      await scratch.set({ halfWeights: true });
      await scratch.set({ draftModel: "/nowhere/draft.gguf" });
      await scratch.set({ adapters: [{ path: "/nowhere/adapter", languages: ["sql"] }] });
      await until("the library reports each change", () => changes === 8);
      const options = await library.openOptions();
      assert.deepInclude(options, { ...expected, cacheBudgetBytes: 99 << 20, deviceMap: "1,1", roundToHalf: true });
      assert.include(options.draftModel, { kind: "unusable" });
      const [adapter] = options.adapters ?? [];
      assert.equal(adapter?.name, "/nowhere/adapter");
      assert.include(adapter?.location, { kind: "unusable" });
      await scratch.set({ model: "/nowhere/model.gguf" });
      await until("the library reports the model", () => changes === 9);
      let problem = "";
      await library.openOptions().catch((error: unknown) => (problem = String(error)));
      assert.include(problem, "/nowhere/model.gguf");
    } finally {
      library.dispose();
    }
  });

  it("when the engine starts, and when it is unloaded", async () => {
    const calls: string[] = [];
    const following = followEngineSettings(
      {
        describe: () => {
          calls.push("start");
          return Promise.reject(new Error("not here"));
        },
      },
      { restartIdleTimer: () => calls.push(`unload after ${unloadAfter()}`) },
    );
    try {
      assert.isEmpty(calls);
      await scratch.set({ startEngine: "onStartup" });
      await scratch.set({ unloadAfterMinutes: 2 });
      await until("both are followed", () => calls.length === 2);
      assert.deepEqual(calls, ["start", "unload after 120000"]);
    } finally {
      following.dispose();
    }
  });

  it("whether the workspace is indexed, and within which memory", async () => {
    const started: ToIndexWorker[][] = [];
    let ended = 0;
    const texts = new WorkspaceTexts({
      spawn: () => {
        const received: ToIndexWorker[] = [];
        started.push(received);
        return Promise.resolve({
          post: (message) => received.push(message),
          onMessage: () => undefined,
          onDeath: () => undefined,
          [Symbol.asyncDispose]: () => {
            ended++;
            return Promise.resolve();
          },
        });
      },
      log: { debug: () => undefined, warn: (message) => assert.fail(message) },
    });
    try {
      await until("an index is started", () => started.length === 1);
      assert.deepEqual(started[0]?.[0], { kind: "budget", bytes: 64 << 20 });
      await scratch.set({ "workspace.memory": 16 });
      await until("it is started again", () => started.length === 2);
      assert.deepEqual(started[1]?.[0], { kind: "budget", bytes: 16 << 20 });
      await scratch.set({ "workspace.enabled": false });
      await until("it is ended", () => ended === 2 && texts.status.state === "off");
    } finally {
      await texts[Symbol.asyncDispose]();
    }
  });
});

describe("settings of Generate have an effect on the next text:", () => {
  const scratch = new Scratch();
  afterEach(() => scratch.undo());

  it("all of them", async () => {
    await scratch.set({
      "generate.maxTokens": 5,
      "generate.temperature": 0.1,
      "generate.topK": 3,
      "generate.topP": 0.5,
      "generate.target": "afterSelection",
      "generate.contextEnd": "stop",
      "generate.maxSeconds": 4,
      "generate.history": false,
    });
    const settings = generateSettings();
    assert.equal(settings.target, "afterSelection");
    const { maxTokens, sampling, stops } = directOptions(settings);
    assert.deepInclude(sampling, { temperature: 0.1, topK: 3, topP: 0.5 });
    assert.deepEqual([maxTokens, stops], [5, { contextEnd: "stop", maxMs: 4000 }]);
    assert.equal(formFromSettings().maxTokens, 5);
    assert.isFalse(isHistoryOn());
    const before = presets().length;
    await scratch.set({ "generate.presets": { mine: { temperature: 0.3 } } });
    assert.equal(presets().length, before + 1);
  });
});

describe("every setting", () => {
  const scratch = new Scratch();
  afterEach(() => scratch.undo());

  it("is the nearest number that is allowed, or the default, whatever a person writes", async () => {
    const library = createLibrary();
    try {
      await scratch.set({ cacheMemory: 1e9, threads: -1, halfWeights: "yes", unloadAfterMinutes: "x" });
      assert.include(await library.openOptions(), { cacheBudgetBytes: 3072 * 2 ** 20, threads: 0, roundToHalf: false });
      assert.equal(unloadAfter(), 15 * 60_000);
      await scratch.set({ "generate.maxTokens": 1e9, "generate.topP": -1, "generate.topK": "x", "generate.target": 1 });
      const { maxTokens, sampling, target } = generateSettings();
      assert.deepEqual(
        { maxTokens, topP: sampling.topP, topK: sampling.topK, target },
        {
          ...{ maxTokens: 4096, topP: 0, topK: 40, target: "newEditor" },
        },
      );
    } finally {
      library.dispose();
    }
  });

  it("is the default where it is none of its words, which the log says once", async () => {
    const library = createLibrary();
    const said: string[] = [];
    const reporting = reportWordProblems({ warn: (message) => said.push(message) });
    try {
      await scratch.set({ backend: "cuda", precision: 8 });
      assert.include(await library.openOptions(), { backend: "auto", precision: "int8" });
      const problems = [
        'The setting gpt2.backend is "cuda", which is none of auto, kernels, onnxruntime, webgpu: auto is used.',
        "The setting gpt2.precision is 8, which is none of int8, f32, f16, int4: int8 is used.",
      ];
      await until("both are said", () => said.length === 2);
      assert.deepEqual(said, problems);
      assert.deepEqual(wordProblems(), problems);
      await scratch.set({ backend: "kernels" });
      assert.deepEqual(wordProblems(), problems.slice(1));
      await scratch.set({ backend: "cuda" });
      assert.deepEqual(wordProblems(), problems);
      assert.lengthOf(said, 2);
    } finally {
      reporting.dispose();
      library.dispose();
    }
  });

  it("that takes words takes those of the engine", async () => {
    const properties = await manifestProperties();
    assert.deepEqual(properties.get("gpt2.backend")?.enum, backendChoices);
    assert.deepEqual(properties.get("gpt2.precision")?.enum, precisions);
  });

  it("is in one of these tests, or in that of its feature", async () => {
    const elsewhere = [
      // exclusions.test.ts
      ...["inputBoxes", "excludeSecrets", "excludeGitIgnore", "whileDeleting"].map(
        (key) => `${settingsSection}.${key}`,
      ),
      // hub.test.ts
      "gpt2.models.endpoint",
      // server.test.ts, and the unit tests of its settings
      ...["url", "kind", "model", "headers", "template", "timeout"].map((key) => `gpt2.server.${key}`),
      // status.test.ts
      "gpt2.onBattery",
    ];
    const here = [
      ...["enabled", "languages", "delay", "multiline", "maxTokens", "temperature"].map(
        (key) => `${settingsSection}.${key}`,
      ),
      ...["eagerness", "idleWork", "comments", "strings"].map((key) => `${settingsSection}.${key}`),
      ...[
        "model",
        "draftModel",
        "adapters",
        "backend",
        "deviceMap",
        "precision",
        "halfWeights",
        "threads",
        "cacheMemory",
      ].map((key) => `gpt2.${key}`),
      ...["startEngine", "unloadAfterMinutes", "workspace.enabled", "workspace.memory"].map((key) => `gpt2.${key}`),
      ...["maxTokens", "temperature", "topK", "topP", "target", "contextEnd"].map((key) => `gpt2.generate.${key}`),
      ...["maxSeconds", "history", "presets"].map((key) => `gpt2.generate.${key}`),
    ];
    assert.sameMembers([...(await manifestProperties()).keys()], [...here, ...elsewhere]);
  });
});
