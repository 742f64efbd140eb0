import { assert } from "chai";
import * as vscode from "vscode";
import type { ModelLibrary } from "../../src/models/library";
import { createLibrary, until, withSettings, workspaceUri } from "./support";
import { tinyGguf } from "./tinyModel";

async function messageOf(failing: Promise<unknown>): Promise<string> {
  try {
    await failing;
  } catch (error) {
    assert.equal((error as Error).name, "ModelFileError");
    return (error as Error).message;
  }
  throw new Error("It was taken for a model.");
}

describe("ModelLibrary", () => {
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

  it("finds the bundled model and can look into it", async () => {
    const model = await library.find("");
    assert.equal(model.name, "gpt2-code-mini");
    const { config, format } = await library.inspect("");
    assert.equal(format, "gguf");
    assert.equal(config.architecture, "gpt2");
  });

  it("gives the engine a path where there are paths, and else the bytes", async () => {
    const { location, threads, precision } = await library.openOptions();
    if (location.kind === "path") assert.include(location.path, "gpt2-code-mini");
    else assert.isAbove(location.files[0]?.bytes.length ?? 0, 1e6);
    assert.equal(threads, 0);
    assert.equal(precision, "int8");
  });

  it("finds a model relative to the workspace, by its path and by its address", async () => {
    const file = vscode.Uri.joinPath(scratch(), "tiny.gguf");
    await vscode.workspace.fs.writeFile(file, await tinyGguf());
    for (const setting of ["models/tiny.gguf", "models", file.path, file.toString()]) {
      assert.equal((await library.inspect(setting)).format, "gguf", setting);
    }
  });

  it("gives the engine a draft model as it does the model, or what is wrong with it", async () => {
    await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(scratch(), "tiny.gguf"), await tinyGguf());
    const reset = await withSettings({ model: "models/tiny.gguf", draftModel: "" });
    try {
      assert.isUndefined((await library.openOptions()).draftModel);
      await withSettings({ draftModel: "models/tiny.gguf" });
      const { location, draftModel } = await library.openOptions();
      assert.equal(draftModel?.kind, location.kind);
      if (draftModel?.kind === "bytes") assert.isAbove(draftModel.files[0]?.bytes.length ?? 0, 1e6);
      await withSettings({ draftModel: "models/none.gguf" });
      const { draftModel: none } = await library.openOptions();
      if (none?.kind !== "unusable") assert.fail("A draft model that does not exist is used.");
      assert.match(none.problem, /There is no model at .*none\.gguf.*gpt2\.draftModel/);
    } finally {
      await reset();
    }
  });

  it("says what it looked for when nothing is there", async () => {
    const message = await messageOf(library.find("models/none.gguf"));
    assert.match(message, /There is no model at “.*models.none\.gguf”/);
    assert.include(message, "Select Model…");
  });

  it("says what it needs in a folder without a model", async () => {
    assert.match(
      await messageOf(library.find("models")),
      /no model in the folder.*GGUF.*safetensors.*PyTorch.*config\.json/,
    );
  });

  it("refuses a file of another kind by its content", async () => {
    await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(scratch(), "pytorch_model.bin"), new Uint8Array(8));
    assert.match(await messageOf(library.inspect("models/pytorch_model.bin")), /not a usable PyTorch file/);
    await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(scratch(), "notes.txt"), new Uint8Array(8));
    assert.match(await messageOf(library.inspect("models/notes.txt")), /notes\.txt is in no format that can be read/);
  });

  it("sees that a file is cut short or is something else by that name", async () => {
    const bytes = await tinyGguf();
    const file = vscode.Uri.joinPath(scratch(), "damaged.gguf");
    for (const damaged of [bytes.slice(0, 1000), bytes.slice(0, bytes.length / 2), new Uint8Array(0)]) {
      await vscode.workspace.fs.writeFile(file, damaged);
      assert.include(await messageOf(library.inspect("models/damaged.gguf")), "damaged.gguf");
    }
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode("<!doctype html>".repeat(100)));
    assert.include(await messageOf(library.inspect("models/damaged.gguf")), "damaged.gguf");
  });

  it("reports when the settings name another model, and resets a choice", async () => {
    let changes = 0;
    library.onDidChange(() => changes++);
    await library.choose("");
    assert.equal(changes, 0);
    const reset = await withSettings({ precision: "f32" });
    await until("the change is told", () => changes === 1);
    assert.equal((await library.openOptions()).precision, "f32");
    await reset();
    await until("the change back is told", () => changes === 2);
  });
});
