import assert from "node:assert/strict";
import { writeSafetensorsModel } from "../fixtures/safetensorsWriter";
import { WEBGPU_ARGS } from "../harness/chromium";
import { TemporaryFolder, until } from "../harness/processes";
import { SLOW_MACHINE } from "../harness/slowMachine";
import { Session } from "./session";

const file = "tools/report.py";

describe("WebGPU where the extension host is Node", function () {
  // A software adapter compiles the shaders and computes on the processor.
  this.timeout(300_000 * SLOW_MACHINE);

  it("runs in a tab in the background, again after a reload; when the tab is closed, the text is written without", async () => {
    await using model = await TemporaryFolder.create("gpt2-random");
    await writeSafetensorsModel(model.path, "gpt2-tiny");
    await using session = await Session.start("webgpu", {
      browserArgs: WEBGPU_ARGS,
      settings: {
        "gpt2.model": model.path,
        "gpt2.backend": "webgpu",
        "gpt2.precision": "f32",
        "gpt2.generate.maxTokens": 4096,
        "editor.wordWrap": "on",
      },
    });
    const { workbench } = session;
    const tab = workbench.page.getByRole("tab", { name: "GPT-2 on WebGPU" });
    await generateHere(session);
    await session.screenshot("in-a-tab");
    assert.equal(await tab.count(), 1);
    assert.equal(await tab.getAttribute("aria-selected"), "false");
    await cancel(session, 1);

    await workbench.page.reload();
    await workbench.statusItem.waitFor();
    await generateHere(session);
    assert.equal(await tab.count(), 1);
    assert.equal((await session.log()).match(/Opened .*: webgpu, f32/g)?.length, 2);

    await tab.click({ button: "middle" });
    await until("the fallback in the log", 60_000, async () =>
      /webgpu is not used\. The tab of the WebGPU engine was closed\. .* runs on onnxruntime in f32/.test(
        await session.log(),
      )
        ? true
        : undefined,
    );
    assert.equal(await tab.count(), 0);
    // The text began anew, and grows as soon as it is longer than what was written before.
    const lines = workbench.editor.locator(".view-lines");
    const before = await lines.innerText();
    await until("more text", 60_000, async () => ((await lines.innerText()) === before ? undefined : true));
    await session.screenshot("without");
    await cancel(session, 2);
    assert.equal(await workbench.notifications.count(), 0);
  });
});

/** Generates at the end of a file, and waits for the first words. */
async function generateHere(session: Session): Promise<void> {
  const { workbench } = session;
  await workbench.openFile(file);
  await workbench.press("Control+End");
  const length = await workbench.textLength();
  await workbench.command("GPT-2: Generate Here");
  await until("text in the document", 120_000, async () =>
    (await workbench.textLength()) > length + 20 ? true : undefined,
  );
}

/** Cancels the text that is written, the `count`th of the session, and saves it. */
async function cancel(session: Session, count: number): Promise<void> {
  const { workbench } = session;
  await until("the end of the text", 60_000, async () => {
    // The first one may close the hover of a tab.
    await workbench.press("Escape");
    const ends = (await session.log()).match(/ended by cancelled/g) ?? [];
    return ends.length === count ? true : undefined;
  });
  await workbench.save();
}
