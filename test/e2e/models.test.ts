import assert from "node:assert/strict";
import { tinyHub } from "../fixtures/tinyHub";
import type { HubServer } from "../fixtures/hubServer";
import { ProxyServer } from "../fixtures/proxyServer";
import { until } from "../harness/processes";
import type { Workbench } from "../harness/workbench";
import { Session } from "./session";

describe("GPT-2: Manage Models", () => {
  let hub: HubServer;
  let session: Session;
  before(async () => {
    hub = await tinyHub();
    session = await Session.start("models", { settings: { "gpt2.models.endpoint": hub.endpoint } });
  });
  after(async () => {
    await session[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
  });

  it("downloads a model after its license is accepted, uses it, and deletes it", async () => {
    const { workbench } = session;
    const { page } = workbench;
    await workbench.command("GPT-2: Manage Models");
    await workbench.quickPickRow("GPT-2 Medium").waitFor();
    await session.screenshot("catalog");
    await askFor(workbench, "test/gpt2-tiny");
    const dialog = page.locator(".monaco-dialog-box");
    await dialog.getByText("License: MIT").waitFor();
    await session.screenshot("license");
    assert.equal(hub.requestsFor("model.safetensors").length, 0);
    hub.pauseMs = 80;
    await dialog.getByRole("button", { name: "Accept License and Download" }).click();
    await workbench.notifications
      .filter({ hasText: /of [\d.]+ MB, .*\/s/ })
      .first()
      .waitFor();
    await session.screenshot("progress");
    hub.pauseMs = 0;
    await isComplete(session, 1);

    await workbench.command("GPT-2: Manage Models");
    const row = workbench.quickPickRow("test/gpt2-tiny");
    await row.locator(".codicon-check").waitFor();
    await session.screenshot("installed");
    await row.hover();
    await row.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await row.waitFor({ state: "hidden" });
    await workbench.quickPickRow("Bundled model").locator(".codicon-check").waitFor();
  });

  it("says what a model needs that is not open to everybody, takes the token, and goes on", async () => {
    hub.token = "hf_right";
    const { workbench } = session;
    const { page } = workbench;
    const dialog = page.locator(".monaco-dialog-box");
    const accept = dialog.getByRole("button", { name: "Accept License and Download" });
    await workbench.command("GPT-2: Manage Models");
    await workbench.quickPickRow("GPT-2 Medium").waitFor();
    await askFor(workbench, "test/gpt2-tiny");
    await accept.click();
    const message = workbench.notifications.filter({ hasText: /only for people who have accepted its terms/ });
    await message.first().waitFor();
    await session.screenshot("token-message");
    await message.getByRole("button", { name: "Set Token…" }).click();
    await page.locator('.quick-input-widget input[type="password"]').fill("hf_right");
    await workbench.press("Enter");
    await accept.click();
    await isComplete(session, 2);
    assert.doesNotMatch(await session.log(), /hf_right/);
  });
});

describe("GPT-2: Manage Models behind a proxy", () => {
  it("goes through the proxy of the editor's settings", async () => {
    await using hub = await tinyHub();
    await using proxy = await ProxyServer.start(hub.endpoint);
    const settings = { "gpt2.models.endpoint": "http://hub.test", "http.proxy": proxy.address };
    await using session = await Session.start("models-proxy", { settings });
    await session.workbench.command("GPT-2: Manage Models");
    await session.workbench.quickPickRow("GPT-2 Medium").waitFor();
    await askFor(session.workbench, "test/gpt2-tiny");
    await session.workbench.page.locator(".monaco-dialog-box").getByText("License: MIT").waitFor();
    assert.match(proxy.hosts[0] ?? "", /^hub\.test/);
  });
});

/** Waits until the `count`th model of a session is downloaded. */
async function isComplete(session: Session, count: number): Promise<void> {
  await until("the model in use", 60_000, async () =>
    (await session.log()).match(/is complete/g)?.length === count ? true : undefined,
  );
}

/** Chooses another model than those of the catalog. */
async function askFor(workbench: Workbench, name: string): Promise<void> {
  const { page } = workbench;
  await page.locator(".quick-input-widget input").fill("Another Model");
  await workbench.quickPickRow("Another Model on the Hub…").click();
  // The list makes way for the box.
  await page.getByPlaceholder("openai-community/gpt2").fill(name);
  await page.keyboard.press("Enter");
}
