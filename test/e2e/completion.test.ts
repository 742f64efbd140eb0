import assert from "node:assert/strict";
import { until } from "../harness/processes";
import { SAMPLE } from "../harness/sampleWorkspace";
import { Session } from "./session";

describe("completions as a person sees them", () => {
  let session: Session;
  before(async () => (session = await Session.start("completion")));
  after(() => session[Symbol.asyncDispose]());

  beforeEach(async () => {
    const { workbench } = session;
    await workbench.openFile(SAMPLE.file);
    await workbench.goTo(SAMPLE.line);
  });

  afterEach(async () => {
    await session.workbench.command("View: Revert and Close Editor");
    await session.workspace.restore();
  });

  it("shows ghost text while typing, and again when asked; Tab accepts it, and the saved file holds it", async () => {
    const { workbench, workspace } = session;
    await workbench.type(SAMPLE.typed);
    assert.notEqual((await workbench.waitForGhostText()).trim(), "");
    await session.screenshot("ghost-text");
    await workbench.press("Escape");
    await workbench.ghostText.first().waitFor({ state: "detached" });
    await workbench.press("Alt+Backslash");
    const suggestion = await workbench.waitForGhostText();
    assert.notEqual(suggestion.trim(), "");

    await workbench.press("Tab");
    await workbench.save();
    const line = SAMPLE.typed.slice(SAMPLE.typed.lastIndexOf("\n") + 1);
    const saved = await workspace.read(SAMPLE.file);
    assert.ok(saved.includes(line + suggestion), `${JSON.stringify(line + suggestion)} is not in the file:\n${saved}`);
  });

  it("keeps the rest of a suggestion that is typed along", async () => {
    const { workbench } = session;
    await workbench.type(SAMPLE.typed);
    const suggestion = await workbench.waitForGhostText();
    assert.ok(suggestion.length > 1, `“${suggestion}” is too short to type along`);
    await workbench.type(suggestion.slice(0, 1));
    await until(`“${suggestion.slice(1)}” as ghost text`, 10_000, async () => {
      return (await workbench.readGhostText()) === suggestion.slice(1) ? true : undefined;
    });
  });

  it("is silent when switched off and comes back when switched on", async () => {
    const { workbench } = session;
    const off = workbench.statusItem.locator(".codicon-circle-slash");
    await workbench.command("GPT-2: Toggle Inline Completions");
    await off.waitFor();
    await workbench.type(SAMPLE.typed);
    await assert.rejects(workbench.waitForGhostText(1500), "there is ghost text although it is off");
    await session.screenshot("switched-off");
    await workbench.command("GPT-2: Toggle Inline Completions");
    await off.waitFor({ state: "hidden" });
    await workbench.type(SAMPLE.more);
    await workbench.waitForGhostText();
  });
});
