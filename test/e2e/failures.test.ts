import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SAMPLE } from "../harness/sampleWorkspace";
import { Session } from "./session";

const BUNDLED = path.resolve("models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf");

describe("when something is wrong, typing goes on", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), "gpt2-models-"))));
  after(() => rm(folder, { recursive: true }));

  it("a model file that is not there", () => failing("missing", path.join(folder, "missing.gguf"), /missing\.gguf/));

  it("a model file that was cut off", async () => {
    const file = path.join(folder, "truncated.gguf");
    const bytes = await readFile(BUNDLED);
    await writeFile(file, bytes.subarray(0, bytes.length / 2));
    await failing("truncated", file, /truncated\.gguf/);
  });

  it("a file that is no model", async () => {
    const file = path.join(folder, "notes.gguf");
    await writeFile(file, "These are only notes.\n".repeat(100));
    await failing("no-model", file, /notes\.gguf/);
  });

  it("a folder for built graphs that cannot be written: completions come all the same", async () => {
    await using session = await Session.start("unwritable", {
      prepare: async (server) => {
        const storage = path.join(server.folder, "data/User/globalStorage");
        await mkdir(storage, { recursive: true });
        await writeFile(path.join(storage, "gpt2-vscode.gpt2-vscode"), "a file where a folder should be");
      },
    });
    const { workbench } = session;
    await workbench.openFile(SAMPLE.file);
    await workbench.goTo(SAMPLE.line);
    await workbench.type(SAMPLE.typed);
    await workbench.waitForGhostText();
  });
});

/** Opens the editor with a model that cannot be opened: one message, a warning in the status bar, and what is typed stays typed. */
async function failing(name: string, model: string, message: RegExp): Promise<void> {
  await using session = await Session.start(name, { settings: { "gpt2.model": model } });
  const { workbench, workspace } = session;
  await workbench.openFile(SAMPLE.file);
  await workbench.goTo(SAMPLE.line);
  await workbench.type("  // typing");
  await workbench.notifications.filter({ hasText: message }).first().waitFor();
  await session.screenshot("message");
  assert.match((await workbench.statusItem.getAttribute("class")) ?? "", /warning/);
  await workbench.type(" goes on");
  assert.equal(await workbench.notifications.count(), 1);
  await workbench.save();
  assert.match(await workspace.read(SAMPLE.file), /^ {2}\/\/ typing goes on$/m);
}
