import { assert } from "chai";
import * as vscode from "vscode";
import { documentRequest } from "../../src/completion/editor/documentRequest";
import { textBefore } from "../../src/generate/source";
import { closeEditors, createEngine, createLibrary, withSettings, workspaceUri } from "./support";

/** An adapter of rank 1 for one matrix, as PEFT writes it. */
async function writeAdapter(folder: vscode.Uri, width: number, outputs: number): Promise<void> {
  const config = { peft_type: "LORA", r: 1, lora_alpha: 1, bias: "none" };
  const module = "base_model.model.transformer.h.0.attn.c_attn";
  const [a, b] = [4 * width, 4 * (width + outputs)];
  const header = new TextEncoder().encode(
    JSON.stringify({
      [`${module}.lora_A.weight`]: { dtype: "F32", shape: [1, width], data_offsets: [0, a] },
      [`${module}.lora_B.weight`]: { dtype: "F32", shape: [outputs, 1], data_offsets: [a, b] },
    }),
  );
  const file = new Uint8Array(8 + header.length + b);
  new DataView(file.buffer).setUint32(0, header.length, true);
  file.set(header, 8);
  await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, "adapter_model.safetensors"), file);
  const json = new TextEncoder().encode(JSON.stringify(config));
  await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, "adapter_config.json"), json);
}

describe("gpt2.adapters", () => {
  const folder = () => vscode.Uri.joinPath(workspaceUri(), "adapters");
  afterEach(async () => {
    await closeEditors();
    await vscode.workspace.fs.delete(folder(), { recursive: true }).then(undefined, () => undefined);
  });

  it("are loaded with the model, and asked for by language and folder", async () => {
    const library = createLibrary();
    const engine = createEngine(library);
    const { width } = (await library.inspect("")).config;
    await writeAdapter(vscode.Uri.joinPath(folder(), "sql"), width, 3 * width);
    const reset = await withSettings({
      adapters: [
        { path: "adapters/sql", languages: ["sql"] },
        { path: "adapters/none", folders: ["adapters"] },
      ],
    });
    try {
      const { adapters = [] } = await engine.describe();
      assert.deepInclude(adapters[0], { kind: "ready", name: "adapters/sql", rank: 1 });
      if (adapters[1]?.kind !== "unusable") assert.fail("An adapter that does not exist is used.");
      assert.match(adapters[1].problem, /There is no model at .*none.*gpt2\.adapters/);

      const adapterIn = (document: vscode.TextDocument) => documentRequest(document, new vscode.Position(0, 1)).adapter;
      const open = (language: string) => vscode.workspace.openTextDocument({ language, content: "select 1" });
      assert.equal(adapterIn(await open("sql")), "adapters/sql");
      assert.isUndefined(adapterIn(await open("python")));
      assert.equal(textBefore(await open("sql"), new vscode.Position(0, 1)).adapter, "adapters/sql");
      assert.equal(textBefore(await open("python"), new vscode.Position(0, 1)).adapter, "");
      const config = vscode.Uri.joinPath(folder(), "sql", "adapter_config.json");
      assert.equal(adapterIn(await vscode.workspace.openTextDocument(config)), "adapters/none");
      const request = documentRequest(await open("sql"), new vscode.Position(0, 1));
      const { timings } = await engine.complete(request);
      assert.isAbove(timings.newTokens, 0);
    } finally {
      await engine[Symbol.asyncDispose]();
      await reset();
      library.dispose();
    }
  });
});
