import assert from "node:assert/strict";
import { startControlledServer } from "../fixtures/servers/controlled";
import { until } from "../harness/processes";
import { SAMPLE } from "../harness/sampleWorkspace";
import { Session } from "./session";

const headerSecret = "secret-of-the-header";

describe("a server in place of the local model", () => {
  it("writes the ghost text, is shown, and says once what is sent; when it fails, typing goes on and nothing leaks", async () => {
    await using server = await startControlledServer();
    await using session = await Session.start("server", {
      settings: {
        "gpt2.server.url": server.url,
        "gpt2.server.headers": { "x-token": headerSecret },
        // The machine may be slow: only a failure is to be replaced here.
        "gpt2.server.timeout": 60_000,
        // A line of the workspace may be the better one.
        "gpt2.workspace.enabled": false,
        "gpt2.inlineCompletions.eagerness": "eager",
      },
    });
    const { workbench } = session;
    await workbench.openFile(SAMPLE.file);
    await workbench.goTo(SAMPLE.line);
    await workbench.type(SAMPLE.typed);
    assert.match(await workbench.waitForGhostText(), /ServerAnswer\(\);/);
    await until("the host in the status bar", 10_000, async () => {
      const text = await workbench.statusItem.textContent();
      return text?.includes(server.host) ? true : undefined;
    });
    assert.match((await workbench.notifications.allTextContents()).join(), /GPT-2 sends code to 127\.0\.0\.1/);
    assert.equal(server.to("/completion")[0]?.headers["x-token"], headerSecret);
    await session.screenshot("ghost-text");

    await fetch(`${server.url}/control`, { method: "POST", body: JSON.stringify({ behavior: "fail" }) });
    await workbench.type(SAMPLE.more);
    await until("the local model to take over", 60_000, async () => {
      const text = await workbench.statusItem.textContent();
      return text?.includes(server.host) ? undefined : true;
    });
    await until("the local model's ghost text", 60_000, async () => {
      const text = await workbench.readGhostText();
      return text !== "" && !text.includes("ServerAnswer") ? true : undefined;
    });
    await session.screenshot("fallback");
    assert.ok((await workbench.notifications.count()) <= 1, "a failure is no notification");
    const log = await session.log();
    assert.equal(log.match(/The graphics card is on fire/g)?.length, 1, log);
    const prompt = String(server.to("/completion").at(-1)?.body?.["prompt"]);
    assert.ok(prompt.includes(SAMPLE.more.trim().slice(0, 5)));
    for (const secret of [headerSecret, SAMPLE.typed, SAMPLE.more.trim(), "findIndex"])
      assert.ok(!log.includes(secret), log);
  });
});
