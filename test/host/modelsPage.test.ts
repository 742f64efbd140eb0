import { openPath } from "#engine-host";
import { assert } from "chai";
import * as vscode from "vscode";
import type { ModelLibrary } from "../../src/models/library";
import { ModelHub } from "../../src/models/hub";
import { ModelsPage } from "../../src/models/modelsPage";
import { modelStorage } from "../../src/models/modelStorage";
import { TestSecrets } from "./testSecrets";
import { createLibrary, TestMemento, until, withSettings, workspaceUri } from "./support";

// The harness serves test/gpt2-tiny at the address in gpt2.models.endpoint.
describe("ModelsPage", () => {
  const folder = () => vscode.Uri.joinPath(workspaceUri(), "page-models");
  const never = () => new AbortController().signal;
  let hub: ModelHub;
  let library: ModelLibrary;
  let page: ModelsPage;
  let changes: number;
  let reset: () => Promise<void>;

  beforeEach(async () => {
    const log = { info: () => undefined, warn: () => undefined };
    const root = openPath ? vscode.Uri.file(folder().path) : folder();
    hub = new ModelHub({ storage: modelStorage(root), secrets: new TestSecrets(), log });
    reset = await withSettings({ model: "" });
    library = createLibrary();
    page = new ModelsPage({ hub, library, memory: new TestMemento() });
    changes = 0;
    page.onDidChange(() => changes++);
  });
  afterEach(async () => {
    page.dispose();
    library.dispose();
    hub.dispose();
    await reset();
    await vscode.workspace.fs.delete(folder(), { recursive: true }).then(undefined, () => undefined);
  });

  it("lists the bundled model and the catalog, and the active model wherever it is", async () => {
    const { installed, offered, hub: name } = await page.view();
    assert.deepEqual(
      installed.map(({ state, actions, origin }) => [origin, state, ...actions]),
      [["gpt2-code-mini", "active"]],
    );
    assert.equal(name, hub.endpoint.host);
    const gpt2 = offered.find(({ origin }) => origin === "openai-community/gpt2");
    assert.deepInclude(gpt2, {
      name: "GPT-2",
      state: "offered",
      license: "MIT",
      gated: false,
      actions: ["download", "page"],
    });
    assert.match(gpt2?.memory?.text ?? "", /^Needs \d+ MB of memory\.$/);
    await withSettings({ model: "/somewhere/else.gguf" });
    const [local, bundled] = (await page.view()).installed;
    assert.deepInclude(local, { name: "else.gguf", state: "active", actions: [] });
    assert.deepInclude(bundled, { state: "installed", actions: ["use"] });
  });

  it("uses and shows a model that was downloaded, and passes over one that is gone", async () => {
    const setting = await hub.download(
      await hub.plan({ repository: "test/gpt2-tiny" }, never()),
      never(),
      () => undefined,
    );
    assert.isAbove(changes, 0);
    const row = (await page.view()).installed.find(({ origin }) => origin === "test/gpt2-tiny");
    assert.deepInclude(row, { state: "installed", license: "MIT", actions: ["use", "delete", "folder", "page"] });
    await page.run({ kind: "row", action: "use", id: row?.id ?? "" });
    await until("the model is used", () => library.setting === setting);
    assert.equal((await page.view()).installed.find(({ id }) => id === row?.id)?.state, "active");
    await page.run({ kind: "row", action: "use", id: "bundled" });
    await until("the bundled model is used", () => library.setting === "");
    await page.run({ kind: "row", action: "use", id: "installed gone" });
    await page.run({ kind: "row", action: "delete", id: "bundled" });
    assert.equal(library.setting, "");
    assert.lengthOf((await page.view()).installed, 2);
  });
});
