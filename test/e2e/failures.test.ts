import assert from "node:assert/strict";
import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { CodeServer } from "../harness/codeServer";
import { TemporaryFolder, until } from "../harness/processes";
import { SAMPLE } from "../harness/sampleWorkspace";
import { Session } from "./session";

const BUNDLED = path.resolve("models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf");

describe("when something is wrong, typing goes on", () => {
  let models: TemporaryFolder;
  before(async () => (models = await TemporaryFolder.create("gpt2-models")));
  after(() => models[Symbol.asyncDispose]());

  it("a model file that is not there, one that was cut off, and a file that is no model", async () => {
    const [missing, truncated, notes] = ["missing.gguf", "truncated.gguf", "notes.gguf"].map((name) =>
      path.join(models.path, name),
    ) as [string, string, string];
    const bytes = await readFile(BUNDLED);
    await writeFile(truncated, bytes.subarray(0, bytes.length / 2));
    await writeFile(notes, "These are only notes.\n".repeat(100));
    await using session = await Session.start("unusable-models", { settings: { "gpt2.model": missing } });
    const { workbench, workspace } = session;
    await workbench.openFile(SAMPLE.file);
    await workbench.goTo(SAMPLE.line);
    await typeWithout(session, missing);
    for (const model of [truncated, notes]) {
      await workbench.command("Notifications: Clear All Notifications");
      await session.changeSettings({ "gpt2.model": model });
      await typeWithout(session, model);
    }
    await workbench.save();
    const typed = "  // missing.gguf goes on  // truncated.gguf goes on  // notes.gguf goes on\n";
    assert.ok((await workspace.read(SAMPLE.file)).includes(typed));
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

  describe("workers that are killed", () => {
    let session: Session;
    let kill: (times: number) => Promise<void>;
    before(async () => {
      session = await Session.start("killed", { prepare: async (server) => (kill = await killableWorkers(server)) });
    });
    after(() => session[Symbol.asyncDispose]());

    it("once: the next keystroke starts another", async () => {
      const { workbench } = session;
      await workbench.openFile(SAMPLE.file);
      await workbench.goTo(SAMPLE.line);
      await kill(1);
      await endWorker(session);
      await workbench.type(SAMPLE.more);
      await workbench.waitForGhostText();
      assert.equal(await workbench.notifications.count(), 0);
      await workbench.command("File: Revert File");
    });

    it("again and again: one message, and a restart works once the cause is gone", async () => {
      const { workbench } = session;
      await workbench.goTo(SAMPLE.line);
      await kill(100);
      await endWorker(session);
      const [first = "", ...rest] = SAMPLE.more;
      await workbench.type(first);
      await until("the failed state", 60_000, async () => {
        return ((await workbench.statusItem.getAttribute("class")) ?? "").includes("warning") ? true : undefined;
      });
      await session.screenshot("message");
      await workbench.type("x");
      // Requests that wait meanwhile fail with the same error, which is said once more at the level debug.
      assert.equal((await session.log()).match(/\[error\].*stopped unexpectedly twice in a row/g)?.length, 1);

      await kill(0);
      await workbench.command("GPT-2: Restart Engine");
      await workbench.press("Backspace");
      await workbench.type(rest.join(""));
      await workbench.waitForGhostText();
    });
  });
});

/**
 * Has the installed extension's worker end when it is asked for a completion, as a killed one would.
 * @returns a function that says how many times from now on; none before it is called.
 */
async function killableWorkers(server: CodeServer): Promise<(times: number) => Promise<void>> {
  const [worker] = await Array.fromAsync(glob(path.join(server.folder, "extensions/gpt2-vscode*/dist/worker.js")));
  assert.ok(worker, "the extension is not installed");
  const left = path.join(server.folder, "kills-left");
  const setLeft = (times: number) => writeFile(left, String(times));
  await setLeft(0);
  const kill = `
    const { readFileSync, writeFileSync } = require("node:fs");
    require("node:worker_threads").parentPort.on("message", ({ method }) => {
      const left = Number(readFileSync(${JSON.stringify(left)}, "utf8"));
      if (method !== "complete" || left === 0) return;
      writeFileSync(${JSON.stringify(left)}, String(left - 1));
      process.exit(9);
    });
  `;
  await writeFile(worker, kill + (await readFile(worker, "utf8")));
  return setLeft;
}

/** Types until the first key that asks the model has ended the worker. */
async function endWorker(session: Session): Promise<void> {
  const ends = async () =>
    (await session.log()).match(/stopped unexpectedly.*restarts with the next keystroke/g)?.length;
  const before = await ends();
  await session.workbench.type(SAMPLE.typed);
  await until("the worker's end in the log", 60_000, async () => ((await ends()) === before ? undefined : true));
}

/** Types with a model that cannot be opened: one message, a warning in the status bar, and what is typed stays typed. */
async function typeWithout(session: Session, model: string): Promise<void> {
  const { workbench } = session;
  const name = path.basename(model);
  // Slowly: an editor that was just opened may take 5 s until it asks for completions.
  await workbench.type(`  // ${name}`, 300);
  await workbench.notifications.filter({ hasText: name }).first().waitFor();
  await session.screenshot(name);
  assert.match((await workbench.statusItem.getAttribute("class")) ?? "", /warning/);
  await workbench.type(" goes on");
  assert.equal(await workbench.notifications.count(), 1);
}
