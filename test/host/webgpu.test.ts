import { hostBackends, spawnEngine } from "#engine-host";
import { assert } from "chai";
import * as vscode from "vscode";
import { EngineClient } from "../../src/engine/client";
import type { OpenOptions } from "../../src/engine/protocol";
import { SLOW_MACHINE } from "../harness/slowMachine";
import { createAssets, createLibrary, withSettings, workspaceUri } from "./support";
import { tinyGguf } from "./tinyModel";

const prompt = { header: "", prefix: "export class Cart {\n  private readonly items: string[] = [];\n", suffix: "" };
const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const request = { prompt, stop: "none", maxTokens: 4, sampling, healing: false } as const;

/** Continues {@link prompt} with a backend; also says which one it was in the end, and what the log warned of. */
async function completeOn(backend: NonNullable<OpenOptions["backend"]>) {
  const library = createLibrary();
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  await using engine = new EngineClient({
    spawn: () => spawnEngine(createAssets()),
    model: async () => ({ ...(await library.openOptions()), backend, precision: "f32" }),
    log: { info: () => undefined, error: warn, warn },
  });
  const { info } = await engine.describe();
  const { text } = await engine.complete(request);
  const machine = await engine.onBackends("machine", hostBackends);
  // The other way round, a second worker would compile the shaders, which takes a software driver long.
  const others = info.backend === "webgpu" ? (["onnxruntime"] as const) : [];
  const speeds = await engine.onBackends("measureBackends", [info.backend, ...others]);
  library.dispose();
  return { backend: info.backend, text, warnings, machine, speeds };
}

describe("the backend webgpu", function () {
  this.timeout(300_000 * SLOW_MACHINE);
  const file = vscode.Uri.joinPath(workspaceUri(), "tiny.gguf");
  let reset: () => Promise<void>;
  before(async () => {
    await vscode.workspace.fs.writeFile(file, await tinyGguf());
    reset = await withSettings({ model: "tiny.gguf" });
  });
  after(async () => {
    await reset();
    await vscode.workspace.fs.delete(file);
  });

  it("runs in the worker of the browser's extension host, and elsewhere another one answers instead", async () => {
    const inBrowser = vscode.env.uiKind === vscode.UIKind.Web && typeof process === "undefined";
    const onGpu = await completeOn("webgpu");
    const onProcessor = await completeOn("onnxruntime");
    assert.equal(onGpu.text, onProcessor.text);
    assert.isNotEmpty(onGpu.text);
    assert.equal(onGpu.backend, inBrowser ? "webgpu" : "onnxruntime");
    assert.lengthOf(onGpu.warnings, inBrowser ? 0 : 1);
    const device = onGpu.machine?.backends.find(({ id }) => id === "webgpu")?.device;
    assert.equal(device?.software, inBrowser ? true : undefined);
    const measured = [...(onGpu.speeds ?? []), ...(onProcessor.speeds ?? [])].map(({ kind }) => kind);
    assert.deepEqual(
      measured,
      Array.from({ length: inBrowser ? 3 : 2 }, () => "measured"),
    );
  });
});
