import assert from "node:assert/strict";
import { writeSafetensorsModel } from "../fixtures/safetensorsWriter";
import { TemporaryFolder, until } from "../harness/processes";
import { Session } from "./session";

describe("GPT-2: Generate", () => {
  it("streams the continuation of the selection into a new editor", async () => {
    // Greedy with random weights: thousands of words without an end, the same ones each time.
    await using model = await TemporaryFolder.create("gpt2-random");
    await writeSafetensorsModel(model.path, "gpt2-tiny");
    const settings = {
      "gpt2.model": model.path,
      "gpt2.generate.maxTokens": 4096,
      "gpt2.generate.temperature": 0,
      "editor.wordWrap": "on",
    };
    await using session = await Session.start("generate", { settings });
    const { workbench } = session;
    await workbench.openFile("tools/report.py");
    await workbench.press("Control+A");
    await workbench.page.evaluate(collectCursorPlaces);
    await workbench.command("GPT-2: Generate");
    await workbench.page.getByRole("tab", { name: /Untitled-1/ }).waitFor({ timeout: 60_000 });
    // The new editor's cursor starts at its top and goes to the end of the prompt. From there on each piece of text moves it.
    const before = 2;
    await until("text in several pieces", 60_000, async () => {
      const places = await workbench.page.evaluate<number>("gpt2Places.size");
      return places >= before + 4 ? true : undefined;
    });
    await session.screenshot("streaming");
    await workbench.notifications.first().waitFor({ state: "hidden", timeout: 60_000 });
    await session.screenshot("generated");
    assert.match(await session.log(), /Generated 4096 tokens/);
  });

  it("asks for a prompt where nothing is selected", async () => {
    await using session = await Session.start("generate-prompt");
    const { workbench } = session;
    await workbench.command("GPT-2: Generate");
    // The command palette's box comes first, and looks the same.
    await workbench.page.getByPlaceholder("For example: function fibonacci(n) {").waitFor();
    const prompt = "function fibonacci(n) {";
    await workbench.type(prompt);
    await session.screenshot("prompt");
    await workbench.press("Enter");
    await workbench.page.getByRole("tab", { name: /Untitled/ }).waitFor();
    await until("text after the prompt", 60_000, async () => {
      return (await workbench.textLength()) > prompt.length ? true : undefined;
    });
    await workbench.notifications.first().waitFor({ state: "hidden", timeout: 60_000 });
    await workbench.press("Control+Home");
    const first = workbench.editor.locator(".view-line").filter({ hasText: "fibonacci" }).first();
    const text = (await first.innerText()).replaceAll("\u00a0", " ");
    assert.ok(text.startsWith(prompt), text);
    await session.screenshot("generated");
  });
});

/** Runs in the workbench's page: `gpt2Places` gathers the cursor places that the status bar shows while an untitled editor is active. */
const collectCursorPlaces = `{
  window.gpt2Places = new Set();
  new MutationObserver(() => {
    const title = document.querySelector(".editor-group-container.active .tab.active")?.textContent ?? "";
    const place = document.getElementById("status.editor.selection")?.textContent;
    if (place && title.includes("Untitled")) gpt2Places.add(place);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}`;
