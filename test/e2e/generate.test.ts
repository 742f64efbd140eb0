import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "./session";

describe("GPT-2: Generate", () => {
  const settings = { "gpt2.generate.maxTokens": 60, "gpt2.generate.temperature": 0 };

  it("streams the continuation of the selection into a new editor", async () => {
    await using session = await Session.start("generate", { settings });
    const { workbench } = session;
    await workbench.openFile("tools/report.py");
    await workbench.press("Control+A");
    await workbench.command("GPT-2: Generate");
    await workbench.page.getByRole("tab", { name: /Untitled-1/ }).waitFor();
    const lengths = new Set<number>();
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline) {
      lengths.add(await workbench.textLength());
      if (lengths.size > 3 && (await workbench.notifications.count()) === 0) break;
      await sleep(30);
    }
    await session.screenshot("generated");
    assert.ok(lengths.size > 3, `the text came in ${lengths.size} pieces: ${[...lengths].join(", ")} characters`);
  });

  it("asks for a prompt where nothing is selected", async () => {
    await using session = await Session.start("generate-prompt", { settings });
    const { workbench } = session;
    await workbench.command("GPT-2: Generate");
    await workbench.inputBox.waitFor();
    await workbench.type("function fibonacci(n) {\n".trim());
    await session.screenshot("prompt");
    await workbench.press("Enter");
    await workbench.page.getByRole("tab", { name: /Untitled-1/ }).waitFor();
    const begin = await workbench.textLength();
    const deadline = Date.now() + 60_000;
    while ((await workbench.textLength()) <= begin && Date.now() < deadline) await sleep(50);
    assert.ok((await workbench.textLength()) > begin, "nothing was written");
  });
});
