import assert from "node:assert/strict";
import type { FrameLocator, Locator } from "playwright-core";
import { nodeModelFiles } from "../../src/formats/nodeFiles";
import { inspectModel } from "../../src/gpt2/weights/inspect";
import { SAMPLE } from "../harness/sampleWorkspace";
import { Session } from "./session";

describe("the diagnostics panel", () => {
  let session: Session;
  let panel: FrameLocator;
  let layerCount: number;
  let shape: string;

  before(async () => {
    const { config } = await inspectModel(await nodeModelFiles("models/gpt2-code-mini"));
    layerCount = config.layers;
    shape = `${config.layers} layers, ${config.heads} heads, width ${config.width}`;
    session = await Session.start("diagnostics");
    const { workbench } = session;
    await workbench.page.setViewportSize({ width: 1400, height: 900 });
    await workbench.openFile("src/cart.ts");
    await workbench.goTo(15, 46);
    await workbench.command("GPT-2: Open Diagnostics");
    panel = workbench.webview();
  });
  after(() => session[Symbol.asyncDispose]());

  async function turnTo(title: string): Promise<Locator> {
    await panel.getByRole("tab", { name: title }).click();
    return panel.getByRole("tabpanel", { name: title });
  }

  it("shows the next tokens at the cursor, and what sampling makes of them", async () => {
    const rows = panel.getByRole("table", { name: "The likeliest next tokens" }).locator("tbody tr");
    await rows.nth(4).waitFor();
    const cells = await Promise.all((await rows.all()).map((row) => row.locator("td, th").allTextContents()));
    const logits = cells.map((row) => Number(row[3]));
    assert.deepEqual(
      logits,
      logits.toSorted((a, b) => b - a),
      "the likeliest first",
    );
    assert.ok(new Set(logits).size > 1, "the logits are all the same");
    const ids = cells.map((row) => Number(row[2]));
    assert.ok(
      ids.every((id) => Number.isInteger(id) && id >= 0 && id < 50284),
      `not token ids: ${ids.join(", ")}`,
    );
    await panel.getByRole("slider", { name: "Top-k" }).fill("3");
    await panel.getByText(/^3 of \d+ tokens can be sampled\.$/).waitFor();
    await rows.nth(3).getByText("cut").waitFor();
    await panel.getByRole("searchbox", { name: "Find a token" }).fill("return");
    const found = panel.getByRole("table", { name: "Found" }).locator("tbody tr");
    await found.first().waitFor();
    assert.match((await found.first().textContent()) ?? "", /return/);
    await session.screenshot("logits");
  });

  it("shows the prompt with each token's surprisal, and what was expected in a token's place", async () => {
    const text = await turnTo("Text");
    const options = text.getByRole("option");
    await options.nth(20).waitFor();
    const labels = await Promise.all((await options.all()).slice(1).map((option) => option.getAttribute("aria-label")));
    for (const label of labels)
      assert.match(label ?? "", /, id \d+: surprisal [\d.]+ bits, entropy [\d.]+ bits, rank \d+$/);
    const header = text.getByRole("group", { name: "header" });
    assert.match((await header.textContent()) ?? "", /cart\.ts/);
    await text.getByRole("group", { name: "suffix" }).waitFor();
    await options.nth(20).click();
    await text.getByRole("heading", { name: /^Token 21:/ }).waitFor();
    assert.equal(
      await text.getByRole("table", { name: "What the model expected there" }).locator("tbody tr").count(),
      10,
    );
    await session.screenshot("text");
  });

  it("shows the chosen token's next tokens at every block, and where its heads look", async () => {
    const layers = await turnTo("Layers");
    await layers.getByText(/^After token 21 of/).waitFor();
    assert.equal(await layers.getByRole("table").first().locator("tbody tr").count(), layerCount);
    await layers.getByRole("combobox", { name: "Layer" }).selectOption("0");
    await layers.getByRole("combobox", { name: "Head" }).selectOption("2");
    const weights = async () => {
      const titles = await Promise.all(
        (await layers.getByRole("option").all()).map((one) => one.getAttribute("title")),
      );
      return titles.flatMap((title) => /attention ([\d.]+) %$/.exec(title ?? "")?.[1] ?? []).map(Number);
    };
    const sum = (await weights()).reduce((total, weight) => total + weight, 0);
    assert.ok(sum > 95 && sum < 105, `the weights add up to ${sum} %`);
    await session.screenshot("layers");
  });

  it("runs the checkpoints", async () => {
    const checkpoints = await turnTo("Checkpoints");
    await checkpoints.getByRole("button", { name: "Run All" }).click();
    await checkpoints.getByText(/^12 of 12 passed\. gpt2-code-mini: int8 on kernels/).waitFor();
    assert.equal(await checkpoints.locator(".outcome.passed").count(), 12);
    await checkpoints.getByRole("button", { name: "Full logits" }).click();
    await checkpoints.locator("#checkpoint-8 .comparison summary").first().click();
    await session.screenshot("checkpoints");
    await checkpoints.getByRole("button", { name: "Copy as Markdown" }).click();
    await session.workbench.page.getByText("The report was copied as Markdown.").waitFor();
  });

  it("compares and measures the backends", async () => {
    const checkpoints = await turnTo("Checkpoints");
    await checkpoints.getByRole("button", { name: "Compare Backends" }).click();
    const found = checkpoints.getByRole("region", { name: "Backends" });
    await found.getByText(/^kernels \(int8\) and onnxruntime \(int8\): no tensor differs/).waitFor();
    await found.scrollIntoViewIfNeeded();
    await session.screenshot("comparison");
    const engine = await turnTo("Engine");
    await engine.getByRole("button", { name: "Measure Backends" }).click();
    const speeds = engine.getByRole("table", { name: "Speed of the backends" });
    await speeds.waitFor();
    const rows = speeds.locator("tbody tr");
    assert.equal(await rows.count(), 3);
    // The browser of this session has no graphics adapter: the tab that looked for one is closed again.
    await rows.filter({ hasText: /^WebGPU.*not available.*no graphics adapter/ }).waitFor();
    await engine.getByText("Chosen automatically").waitFor();
    await session.workbench.page.getByRole("tab", { name: "GPT-2 on WebGPU" }).waitFor({ state: "detached" });
    await speeds.scrollIntoViewIfNeeded();
    await session.screenshot("speeds");
  });

  it("inserts a token at the cursor, and continues from one", async () => {
    const logits = await turnTo("Logits");
    const column = async () => Number(/column (\d+)/.exec((await logits.locator(".place").textContent()) ?? "")?.[1]);
    // Not one that shows as something else than it is, such as a line's end.
    const pick = logits.getByRole("button", { name: /^Insert \w+ at the cursor$/ }).first();
    await pick.waitFor();
    const text = (await pick.textContent()) ?? "";
    await pick.click();
    await logits.getByText(`column ${46 + text.length}`).waitFor();
    assert.equal(await column(), 46 + text.length);
    await logits
      .getByRole("button", { name: /and continue from there$/ })
      .first()
      .click();
    await session.workbench.page.locator(".editor-group-container.active .monaco-editor").first().waitFor();
    await session.screenshot("continue");
  });

  it("shows the engine and its last requests", async () => {
    const { workbench } = session;
    await workbench.goTo(SAMPLE.line);
    await workbench.type(SAMPLE.typed);
    await workbench.waitForGhostText();
    const engine = await turnTo("Engine");
    await engine.getByRole("img", { name: /^The last/ }).waitFor();
    const text = (await engine.textContent()) ?? "";
    for (const part of ["gpt2-code-mini", shape, "WebAssembly", "Cache slots"]) {
      assert.ok(text.includes(part), `“${part}” is missing in:\n${text}`);
    }
    await session.screenshot("engine");
  });

  it("follows the theme to high contrast, with what it shows", async () => {
    const { workbench } = session;
    await session.changeSettings({ "workbench.colorTheme": "Default High Contrast" });
    await workbench.page.locator(".monaco-workbench.hc-black").first().waitFor();
    await panel.locator("body.vscode-high-contrast").waitFor();
    for (const tab of await panel.getByRole("tab").all()) {
      const title = (await tab.textContent()) ?? "";
      const page = await turnTo(title);
      assert.notEqual((await page.innerText()).trim(), "", `nothing under ${title}`);
      await session.screenshot(`high-contrast-${title.toLowerCase()}`);
    }
  });
});
