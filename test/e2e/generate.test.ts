import assert from "node:assert/strict";
import { until } from "../harness/processes";
import { Session } from "./session";

describe("GPT-2: Generate", () => {
  let session: Session;
  before(async () => {
    const settings = { "gpt2.generate.maxTokens": 100, "gpt2.generate.temperature": 0.7 };
    session = await Session.start("generate", { settings });
  });
  after(() => session[Symbol.asyncDispose]());

  it("streams the continuation of the selection into a new editor", async () => {
    const { workbench } = session;
    await workbench.openFile("tools/report.py");
    await workbench.press("Control+A");
    await workbench.command("GPT-2: Generate");
    await workbench.page.getByRole("tab", { name: /Untitled-1/ }).waitFor({ timeout: 60_000 });
    const lengths = new Set<number>();
    await until("text in several pieces", 60_000, async () => {
      lengths.add(await workbench.textLength());
      return lengths.size > 3 ? true : undefined;
    });
    await session.screenshot("streaming");
    await workbench.notifications.first().waitFor({ state: "hidden", timeout: 60_000 });
    await session.screenshot("generated");
  });

  it("asks for a prompt where nothing is selected", async () => {
    const { workbench } = session;
    await workbench.command("View: Close All Editors");
    await workbench.dismissDialog("Don't Save");
    await workbench.command("GPT-2: Generate");
    await workbench.inputBox.waitFor();
    const prompt = "function fibonacci(n) {";
    await workbench.type(prompt);
    await session.screenshot("prompt");
    await workbench.press("Enter");
    await workbench.page.getByRole("tab", { name: /Untitled/ }).waitFor();
    await until("text behind the prompt", 60_000, async () => {
      return (await workbench.textLength()) > prompt.length ? true : undefined;
    });
    const text = await workbench.editor.locator(".view-line").first().innerText();
    assert.ok(text.replaceAll("\u00a0", " ").startsWith(prompt), text);
  });
});
