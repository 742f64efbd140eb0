import { openPath } from "#engine-host";
import { assert } from "chai";
import * as vscode from "vscode";
import type { DownloadProgress } from "../../src/hub/modelDownload";
import { ModelHub } from "../../src/models/hub";
import { modelItems } from "../../src/models/modelItems";
import { modelStorage } from "../../src/models/modelStorage";
import { createEngine, createLibrary, withSettings, workspaceUri } from "./support";
import { TestSecrets } from "./testSecrets";

// The harness serves test/gpt2-tiny and test/broken at the address in gpt2.models.endpoint.
describe("ModelHub", () => {
  const folder = () => vscode.Uri.joinPath(workspaceUri(), "downloaded");
  const reference = { repository: "test/gpt2-tiny" };
  const never = () => new AbortController().signal;
  let secrets: TestSecrets;
  let hub: ModelHub;

  beforeEach(() => {
    secrets = new TestSecrets();
    const log = { info: () => undefined, warn: () => undefined };
    // The file system of the workspace has a path in Node only.
    const root = openPath ? vscode.Uri.file(folder().path) : folder();
    hub = new ModelHub({ storage: modelStorage(root), secrets, log });
  });
  afterEach(async () => {
    await vscode.workspace.fs.delete(folder(), { recursive: true }).then(undefined, () => undefined);
  });

  const items = async (active = "") =>
    modelItems({
      installed: await hub.installed(),
      settingOf: (model) => hub.settingOf(model),
      active,
      precision: "int8",
    });

  it("downloads a model that is then chosen and runs", async () => {
    const plan = await hub.plan(reference, never());
    assert.equal(plan.license, "mit");
    const progress: DownloadProgress[] = [];
    const setting = await hub.download(plan, never(), (one) => progress.push(one));
    const last = progress.at(-1);
    if (last?.kind !== "receiving") assert.fail("no bytes at the end");
    assert.equal(last.bytes, plan.totalBytes);

    const library = createLibrary();
    const reset = await withSettings({ model: "" });
    const engine = createEngine(library);
    try {
      await library.choose(setting);
      assert.equal(library.setting, setting);
      assert.equal((await engine.describe()).name, "test--gpt2-tiny");
      const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
      const { timings } = await engine.generate({ prompt: "Hello.", maxTokens: 5, sampling });
      assert.equal(timings.newTokens, 5);
    } finally {
      await engine[Symbol.asyncDispose]();
      await reset();
      library.dispose();
    }

    const chosen = (await items(setting)).find(({ label }) => label.startsWith("$(check)"));
    assert.deepEqual(chosen?.action, { kind: "choose", setting });
    assert.equal(chosen?.label, "$(check) test/gpt2-tiny");
    const [installed] = await hub.installed();
    assert.isDefined(installed);
    await hub.delete(installed);
    assert.deepEqual(await hub.installed(), []);
  });

  it("goes on where a cancelled download ended", async () => {
    const plan = await hub.plan(reference, never());
    const stop = new AbortController();
    let cancelledAt = 0;
    const failure = await hub
      .download(plan, stop.signal, (progress) => {
        if (progress.kind !== "receiving" || progress.bytes < plan.totalBytes / 3) return;
        cancelledAt ||= progress.bytes;
        stop.abort(new Error("cancelled"));
      })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    assert.equal((failure as Error | undefined)?.message, "cancelled");
    const interrupted = (await items()).find(({ action }) => action?.kind === "download");
    assert.match(interrupted?.description ?? "", /^\d+ % of .+ · MIT$/);
    const received: number[] = [];
    await hub.download(plan, never(), (one) => one.kind === "receiving" && received.push(one.bytes));
    assert.isAtLeast(Math.min(...received.filter((bytes) => bytes > 2000)), cancelledAt);
    assert.isTrue((await hub.installed())[0]?.complete);
  });

  it("says what is wrong with a model that is not there", async () => {
    const failure = await hub.plan({ repository: "test/none" }, never()).catch((error: unknown) => error);
    assert.match(String(failure), /has no test\/none/);
  });

  it("offers the catalog with licenses, sizes and what they need", async () => {
    const offered = (await items()).filter(({ action }) => action?.kind === "download");
    const gpt2 = offered.find(({ repository }) => repository === "openai-community/gpt2");
    assert.equal(gpt2?.label, "$(cloud-download) GPT-2");
    assert.equal(gpt2?.description, "124 M parameters · 548 MB · MIT");
    assert.match(gpt2?.detail ?? "", /^English text\. Needs \d+ MB of memory\.$/);
    const gated = offered.filter(({ detail }) => detail?.includes("Needs a token"));
    assert.deepEqual(
      gated.map(({ repository }) => repository),
      ["bigcode/starcoderbase-1b"],
    );
  });

  it("keeps a token for one hub, and forgets it", async () => {
    await hub.setToken("hf_x");
    assert.deepEqual([...secrets.values], [[`gpt2.huggingFaceToken ${hub.endpoint.origin}`, "hf_x"]]);
    await hub.setToken("");
    assert.equal(secrets.values.size, 0);
  });
});
