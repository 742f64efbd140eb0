import assert from "node:assert/strict";
import { until } from "../harness/processes";
import { SAMPLE } from "../harness/sampleWorkspace";
import { Session } from "./session";

/** As much of an element as is used here: this program is compiled without the browser's types. */
interface Labeled {
  getAttribute(name: string): string | null;
}

describe("what there is besides ghost text", () => {
  let session: Session;
  before(
    async () =>
      (session = await Session.start("surfaces", { settings: { "workbench.colorTheme": "Default High Contrast" } })),
  );
  after(() => session[Symbol.asyncDispose]());

  /** Opens the menu and reads its rows as a screen reader does. */
  async function openMenu(): Promise<string[]> {
    const { workbench } = session;
    await workbench.command("GPT-2: Show Menu");
    await workbench.quickPickRow("Show Statistics").waitFor();
    return workbench.page
      .locator(".quick-input-list .monaco-list-row")
      .evaluateAll((rows) =>
        (rows as unknown as readonly Labeled[]).map((row) => row.getAttribute("aria-label") ?? ""),
      );
  }

  it("a suggestion comes in the sample file of the walkthrough; the accessible view shows it", async () => {
    const { workbench } = session;
    await workbench.command("GPT-2: Open Sample File");
    const suggestion = await workbench.waitForGhostText(60_000);
    assert.match(suggestion, /items/);
    await session.screenshot("sample");
    const view = workbench.page.locator(".accessible-view");
    await workbench.pressFor("Alt+F2", view);
    await until("the suggestion in the accessible view", 10_000, async () =>
      (await view.innerText()).replaceAll("\u00a0", " ").includes(suggestion.split("\n")[0] ?? "") ? true : undefined,
    );
    await session.screenshot("accessible-view");
    await workbench.press("Escape");
    await view.waitFor({ state: "hidden" });
    await workbench.command("View: Revert and Close Editor");
  });

  it("snoozes and resumes by keyboard; the status bar item says so", async () => {
    const { workbench } = session;
    const labels = await openMenu();
    assert.ok(
      labels.every((label) => label !== "" && !label.includes("$(")),
      labels.join("\n"),
    );
    await session.screenshot("menu");
    await workbench.page.keyboard.type("Snooze");
    await workbench.press("Enter");
    await workbench.quickPickRow("For 15 minutes").waitFor();
    await session.screenshot("snooze");
    await workbench.press("ArrowDown");
    await workbench.press("Enter");
    await workbench.statusItem.locator(".codicon-bell-slash").waitFor();
    assert.match((await workbench.statusItem.getAttribute("aria-label")) ?? "", /GPT-2: Snoozed until/);
    const [first] = await openMenu();
    assert.match(first ?? "", /^Resume/);
    await workbench.press("Enter");
    await workbench.statusItem.locator(".codicon-sparkle").waitFor();
  });

  it("shows the statistics as a page; the log has nothing of what was written", async () => {
    const { workbench } = session;
    await workbench.openFile(SAMPLE.file);
    await workbench.goTo(SAMPLE.line);
    await workbench.type(SAMPLE.typed);
    const suggestion = await workbench.waitForGhostText();
    await workbench.press("Tab");
    await workbench.command("GPT-2: Show Statistics");
    const page = workbench.webview();
    await page.getByRole("heading", { name: "GPT-2 Statistics" }).waitFor();
    await until("the row of TypeScript", 20_000, async () =>
      /TypeScript\s+\d+\s+\d+/.test(await page.locator("table").innerText()) ? true : undefined,
    );
    await session.screenshot("statistics");
    const log = await session.log();
    assert.match(log, /Opened gpt2-code-mini/);
    for (const line of [...SAMPLE.typed.split("\n"), ...suggestion.split("\n")]) {
      if (line.trim().length > 4) assert.ok(!log.includes(line.trim()), `“${line.trim()}” is in the log`);
    }
    await session.workspace.restore();
  });
});
