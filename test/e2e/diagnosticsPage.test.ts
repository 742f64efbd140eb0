import assert from "node:assert/strict";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { tabs, type Tab } from "../../src/diagnostics/protocol";
import { e2eResults } from "../harness/e2eResults";
import { openBrowser, PanelPage } from "./panelPage";
import { themes } from "./panelThemes";
import { candidates, checkpoints, engine, hostile, layers, logits, models, text, views, why } from "./panelViews";

const screenshots = e2eResults("diagnostics-page");

const titles: Readonly<Record<Tab, string>> = {
  logits: "Logits",
  text: "Text",
  layers: "Layers",
  why: "Why",
  checkpoints: "Checkpoints",
  engine: "Engine",
  models: "Models",
};

describe("the diagnostics page", () => {
  let browser: Browser;
  let panel: PanelPage;
  let page: Page;

  before(async () => {
    browser = await openBrowser(screenshots);
  });
  after(() => browser.close());

  beforeEach(async () => {
    panel = await PanelPage.open(browser);
    page = panel.page;
  });
  afterEach(() => panel[Symbol.asyncDispose]());

  const focused = () => page.locator(":focus");

  it("asks for the next token at first, and loads without a complaint", async () => {
    assert.deepEqual(await panel.posted(), [{ kind: "show", tab: "logits" }]);
    assert.deepEqual(panel.complaints, []);
  });

  it("says that it computes until a tab that follows the cursor has its answer", async () => {
    for (const tab of ["logits", "text", "layers"] as const) {
      const section = await panel.turnTo(titles[tab]);
      assert.equal((await section.innerText()).trim(), "Computing…");
      await panel.send(tab, views[tab]);
      assert.doesNotMatch(await section.innerText(), /Computing…/);
    }
  });

  it("is worked with the keys alone, and remembers the tab", async () => {
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    const tab = page.getByRole("tab", { name: "Text" });
    assert.equal(await tab.getAttribute("aria-selected"), "true");
    assert.equal(await page.locator(":focus-visible").textContent(), "Text");
    assert.deepEqual(await panel.lastPosted(), { kind: "show", tab: "text" });
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    assert.deepEqual(await panel.lastPosted(), { kind: "show", tab: "models" });
    await page.reload();
    assert.deepEqual(await panel.posted(), [{ kind: "show", tab: "models" }]);
  });

  it("shows hostile text as text in every tab", async () => {
    const attack = `</script><img src=x onerror="intruded=true"><script>intruded=true</script><b>`;
    const attacks = hostile(attack);
    for (const tab of tabs) {
      const section = await panel.turnTo(titles[tab]);
      await panel.send(tab, attacks[tab]);
      const shown = section.getByText(attack, { exact: false });
      await shown.first().waitFor({ state: "attached" });
      assert.equal(await section.locator("script, img").count(), 0, `${tab} made markup of text`);
    }
    for (const tab of ["logits", "text", "layers"] as const) {
      const section = await panel.turnTo(titles[tab]);
      await panel.send(tab, { kind: "failed", message: attack });
      await section.getByText(attack).waitFor();
      assert.equal(await section.locator("script, img").count(), 0);
    }
    assert.equal(await panel.intruded(), false);
    assert.deepEqual(panel.complaints, []);
  });

  it("runs no code but its own, and loads nothing from elsewhere", async () => {
    await page.evaluate(`{
      const script = document.createElement("script");
      script.textContent = "intruded = true";
      document.body.append(script);
      document.body.insertAdjacentHTML("beforeend", "<button onclick='intruded = true'>x</button>");
      document.body.lastElementChild.click();
    }`);
    const fetched = await page.evaluate("fetch('https://example.test/').then(() => true, () => false)");
    assert.equal(fetched, false);
    assert.equal(await panel.intruded(), false);
    assert.ok(panel.complaints.some((complaint) => complaint.includes("Content Security Policy")));
  });

  it("is drawn in the theme's colors", async () => {
    const texts = new Set<unknown>();
    for (const [name, colors] of Object.entries(themes)) {
      await panel.paint(colors);
      texts.add(await page.evaluate("getComputedStyle(document.body).color"));
      for (const tab of tabs) {
        await panel.turnTo(titles[tab]);
        await panel.send(tab, views[tab]);
        await page.screenshot({ path: path.join(screenshots, `${tab}-${name}.png`), fullPage: true });
      }
    }
    assert.equal(texts.size, 3);
  });

  describe("Logits", () => {
    beforeEach(() => panel.send("logits", logits));

    it("shows the likeliest tokens in a table that a screen reader can read", async () => {
      const table = page.getByRole("table", { name: "The likeliest next tokens" });
      assert.deepEqual(await table.getByRole("columnheader").allTextContents(), [
        "Rank",
        "Token",
        "Id",
        "Logit",
        "Probability",
        "Sampled",
      ]);
      assert.deepEqual(await table.getByRole("row").nth(1).allTextContents(), ["1·Math↪543614.25073.1 %85.2 %"]);
      assert.equal(await table.getByRole("rowheader").count(), 20);
      assert.match(await page.getByRole("tabpanel").innerText(), /src\/area\.ts, line 3, column 12/);
      const { width } = (await page.locator(".bar").first().boundingBox()) ?? { width: 0 };
      assert.ok(width > 50, `the bar of the likeliest token is ${width} pixels wide`);
      await page.getByRole("button", { name: "Show 30" }).click();
      assert.equal(await table.getByRole("rowheader").count(), 30);
    });

    it("marks what sampling cuts in words, and says how many tokens are left", async () => {
      const row = page.getByRole("row").nth(3);
      assert.deepEqual(await row.allTextContents(), ["3↵1989.1250.43 %cut"]);
      const line = await page.evaluate("getComputedStyle(document.querySelector('.cut .token')).textDecorationLine");
      assert.equal(line, "line-through");
      await page.getByText("2 of 50284 tokens can be sampled.").waitFor();
    });

    it("asks for another sampling while a slider moves, and remembers it", async () => {
      await page.getByRole("slider", { name: "Temperature" }).focus();
      await page.keyboard.press("ArrowLeft");
      await page.getByRole("slider", { name: "Top-k" }).fill("7");
      await page.getByRole("slider", { name: "Top-p" }).fill("0.9");
      await page.getByRole("checkbox", { name: "Token healing" }).check();
      const sampling = { healing: true, temperature: 0.95, topK: 7, topP: 0.9 };
      assert.deepEqual(await panel.lastPosted(), { kind: "sample", sampling });
      assert.equal(await page.getByRole("slider", { name: "Top-k" }).getAttribute("aria-valuetext"), "7");
      await page.reload();
      assert.deepEqual(await panel.posted(), [
        { kind: "sample", sampling },
        { kind: "show", tab: "logits" },
      ]);
      await panel.send("logits", logits);
      await page.getByRole("button", { name: "Reset" }).click();
      assert.deepEqual(await panel.lastPosted(), {
        kind: "sample",
        sampling: { healing: false, temperature: 1, topK: 0, topP: 1 },
      });
    });

    it("finds a token", async () => {
      await page.getByRole("searchbox", { name: "Find a token" }).fill("Math");
      assert.deepEqual(await panel.waitForPosted("find"), { kind: "find", query: "Math" });
      const found = { token: 9000, text: "Math", logit: -2.5, probability: 1e-9, chance: 0, rank: 4321 };
      await panel.send("logits", { ...logits, found: [found] });
      const row = page.getByRole("table", { name: "Found" }).getByRole("row").nth(1);
      assert.deepEqual(await row.allTextContents(), ["4321Math9000-2.500< 0.01 %cut"]);
      await panel.send("logits", { ...logits, found: [] });
      await page.getByText("No token has this text or id.").waitFor();
    });

    it("keeps the search over a reload of the window", async () => {
      await page.getByRole("searchbox", { name: "Find a token" }).fill("Math");
      await panel.waitForPosted("find");
      await page.reload();
      assert.deepEqual(await panel.posted(), [
        { kind: "find", query: "Math" },
        { kind: "show", tab: "logits" },
      ]);
      await panel.send("logits", logits);
      assert.equal(await page.getByRole("searchbox", { name: "Find a token" }).inputValue(), "Math");
    });

    it("inserts a token or continues from it with the keys, and keeps the focus over an update", async () => {
      await page.getByRole("button", { name: "Insert th at the cursor" }).focus();
      await page.keyboard.press("Enter");
      assert.deepEqual(await panel.lastPosted(), { kind: "pick", text: "th", use: "insert" });
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      assert.deepEqual(await panel.lastPosted(), { kind: "pick", text: "t", use: "continue" });
      const other = candidates.map((row) => ({ ...row, text: `${row.text}x` }));
      await panel.send("logits", { ...logits, candidates: other });
      assert.equal(await focused().getAttribute("aria-label"), "Insert tx and continue from there");
    });

    it("offers no token that is no text", async () => {
      const row = page.getByRole("row").nth(4);
      assert.deepEqual(await row.allTextContents(), ["4<|endoftext|>502563.500< 0.01 %cut"]);
      assert.equal(await row.getByRole("button").count(), 0);
    });

    it("has room for a long token in a narrow panel, and in no tab the page scrolls sideways", async () => {
      await panel.paint(themes["dark"] ?? {});
      await page.setViewportSize({ width: 400, height: 600 });
      const long = { token: 50256, text: "<|endoftext|>", logit: -10.815, probability: 0.6, chance: 0.6, rank: 1 };
      await panel.send("logits", { ...logits, candidates: [long] });
      await page.screenshot({ path: path.join(screenshots, "logits-narrow.png") });
      assert.ok(((await page.locator("table .token").boundingBox())?.height ?? 99) < 40);
      await page.setViewportSize({ width: 320, height: 600 });
      assert.ok(((await page.locator("table .token").boundingBox())?.height ?? 99) < 40);
      const tooWide: unknown[] = [];
      const attacks = hostile("long".repeat(50));
      for (const tab of tabs) {
        await panel.turnTo(titles[tab]);
        for (const [kind, view] of [
          ["usual", views[tab]],
          ["long", attacks[tab]],
        ] as const) {
          await panel.send(tab, view);
          await page.evaluate(
            "document.querySelectorAll('.opener[aria-expanded=false]').forEach((one) => one.click())",
          );
          for (const width of [420, 320]) {
            await page.setViewportSize({ width, height: 600 });
            for (const part of [
              "document.documentElement",
              "document.querySelector('[role=tabpanel]:not([hidden])')",
            ]) {
              const [needed = 0, there = 0] = await page.evaluate<number[]>(
                `(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(${part})`,
              );
              if (needed > there) tooWide.push({ tab, kind, width, part, needed, there });
            }
            if (kind === "usual") await page.screenshot({ path: path.join(screenshots, `${tab}-${width}.png`) });
          }
        }
      }
      assert.deepEqual(tooWide, []);
      await panel.turnTo("Checkpoints");
      const compared = await page.getByText("Compared:").first().locator("..").boundingBox();
      assert.ok(compared && compared.x + compared.width <= 320, "the details of a checkpoint are cut off");
      for (const tab of await page.getByRole("tab").all()) {
        const box = await tab.boundingBox();
        assert.ok(box && box.x >= 0 && box.x + box.width <= 320, `${await tab.textContent()} is cut off`);
      }
      await panel.turnTo("Engine");
      await panel.send("engine", engine);
      const requests = page.getByRole("region", { name: "Recent requests" });
      await requests.focus();
      await requests.evaluate((region) => ((region as unknown as { scrollLeft: number }).scrollLeft = 40));
      await panel.send("engine", engine);
      assert.equal(await requests.evaluate((region) => (region as unknown as { scrollLeft: number }).scrollLeft), 40);
      assert.equal(await focused().getAttribute("aria-label"), "Recent requests");
    });
  });

  describe("Text", () => {
    beforeEach(async () => {
      await panel.turnTo("Text");
      await panel.send("text", text);
    });

    it("shows the prompt in its segments, each token with its figures", async () => {
      const groups = page.getByRole("listbox", { name: "Tokens of the prompt" }).getByRole("group");
      const names = await Promise.all((await groups.all()).map((group) => group.getAttribute("aria-label")));
      assert.deepEqual(names, ["special", "suffix", "header", "text", "rolled back"]);
      const token = page.getByRole("option", {
        name: /^·area, id 1989: surprisal 14 bits, entropy 8.4 bits, rank 1234$/,
      });
      assert.equal(await token.getAttribute("class"), "shade-5");
      await page.getByText("The prompt starts 4096 characters into the text").waitFor();
      await page.getByText("11 of 1024 tokens").waitFor();
    });

    it("shades by surprisal or by entropy", async () => {
      const token = page.getByRole("option").nth(9);
      assert.equal(await token.getAttribute("class"), "shade-0");
      await page.getByRole("radio", { name: "Entropy" }).check();
      const other = page.getByRole("option").nth(7);
      assert.equal(await other.getAttribute("class"), "shade-3");
      await page.getByText("How uncertain the model was").waitFor();
    });

    it("is walked with the arrow keys, and a chosen token shows what was expected in its place", async () => {
      const options = page.getByRole("option");
      assert.equal(await options.nth(10).getAttribute("aria-selected"), "true");
      await options.nth(10).focus();
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("Enter");
      assert.deepEqual(await panel.lastPosted(), { kind: "choose", position: 8 });
      await panel.send("text", { ...text, expected: { position: 8, candidates } });
      assert.equal(await focused().getAttribute("aria-selected"), "true");
      await page.getByRole("heading", { name: "Token 9: ·area" }).waitFor();
      await page.getByText("Its probability was < 0.01 % (rank 1234, surprisal 14 bits).").waitFor();
      assert.equal(
        await page.getByRole("table", { name: "What the model expected there" }).getByRole("row").count(),
        5,
      );
    });
  });

  describe("Layers", () => {
    beforeEach(async () => {
      await panel.turnTo("Layers");
      await panel.send("layers", layers);
    });

    it("shows a row of tokens for each block, and marks what the last block chose", async () => {
      const table = page.getByRole("table", { name: "The next token if the model ended with this block" });
      assert.equal(await table.getByRole("rowheader").count(), 6);
      assert.deepEqual(await table.locator(".wins").allTextContents(), Array(3).fill("·Math 73.1 %"));
    });

    it("scrolls a table that is wider than the panel, with the keys too", async () => {
      await page.setViewportSize({ width: 240, height: 720 });
      const region = page.getByRole("region", { name: "The next token if the model ended with this block" });
      const box = await region.boundingBox();
      assert.ok(box && box.x + box.width <= 240, "the table's region is wider than the panel");
      await region.focus();
      await page.keyboard.press("ArrowRight");
      const scrolled = () => page.evaluate<number>("document.activeElement.scrollLeft");
      for (let tries = 0; tries < 40 && (await scrolled()) === 0; tries++) await page.waitForTimeout(50);
      assert.ok((await scrolled()) > 0, "the arrow key scrolled nothing");
    });

    it("shows where a head looks, and asks for another one", async () => {
      const list = page.getByRole("listbox", { name: /^Attention/ }).getByRole("option");
      assert.equal(await list.first().getAttribute("title"), "<|endoftext|>, id 50256: attention 41.0 %");
      assert.equal(await list.first().getAttribute("class"), "shade-4");
      assert.match((await list.last().getAttribute("title")) ?? "", /after the selected token$/);
      assert.equal(await page.getByRole("combobox", { name: "Head" }).inputValue(), "1");
      await page.getByRole("combobox", { name: "Layer" }).selectOption("2");
      assert.deepEqual(await panel.lastPosted(), { kind: "attend", layer: 2, head: 1 });
      await list.nth(4).click();
      assert.deepEqual(await panel.lastPosted(), { kind: "choose", position: 4 });
    });
  });

  describe("Checkpoints", () => {
    beforeEach(() => panel.turnTo("Checkpoints"));

    const waiting = {
      ...checkpoints,
      checkpoints: checkpoints.checkpoints.map((checkpoint) => ({ ...checkpoint, result: undefined })),
    };

    it("runs and cancels, and hands the focus on", async () => {
      await panel.send("checkpoints", { ...waiting, state: "ready", progress: 0 });
      await page.getByRole("button", { name: "Run All" }).focus();
      await page.keyboard.press("Enter");
      assert.deepEqual(await panel.lastPosted(), { kind: "checkpoints", action: "run" });
      const running = checkpoints.checkpoints.map((one, i) => (i === 0 ? one : { ...one, result: undefined }));
      await panel.send("checkpoints", { ...checkpoints, state: "running", progress: 0.4, checkpoints: running });
      assert.equal(await page.getByRole("progressbar").getAttribute("value"), "0.4");
      assert.match(await page.getByRole("status").innerText(), /^Running, 1 of 3 done\./);
      const cells = await page.getByRole("row").allTextContents();
      assert.match(cells[1] ?? "", /✓ passed$/);
      assert.match(cells.join("\n"), /… running\n[^]*· not run/);
      assert.equal(await focused().textContent(), "Cancel");
      await page.keyboard.press("Enter");
      assert.deepEqual(await panel.lastPosted(), { kind: "checkpoints", action: "cancel" });
      assert.equal(await page.getByRole("button", { name: "Save Report…" }).isDisabled(), true);
    });

    it("runs with a LoRA adapter, where the model has one", async () => {
      const ready = { ...waiting, state: "ready", progress: 0 } as const;
      await panel.send("checkpoints", ready);
      const adapter = page.getByRole("combobox", { name: "Adapter" });
      assert.equal(await adapter.isVisible(), false);
      await panel.send("checkpoints", { ...ready, adapters: ["sql", "legacy"] });
      assert.deepEqual(await adapter.locator("option").allTextContents(), ["none", "sql", "legacy"]);
      await adapter.selectOption("legacy");
      await panel.send("checkpoints", { ...ready, adapters: ["legacy"] });
      await page.getByRole("button", { name: "Run All" }).click();
      assert.deepEqual(await panel.lastPosted(), { kind: "checkpoints", action: "run", adapter: "legacy" });
    });

    it("shows outcomes in words, and for each its shapes, values, largest difference and histogram", async () => {
      await panel.send("checkpoints", checkpoints);
      const table = page.getByRole("table", { name: "Checkpoints" });
      const rows = await table.locator("> tbody > tr:not(.details)").allTextContents();
      assert.deepEqual(rows, [
        "1Layer normalization[2, 384]2.4e-71.0e-5✓ passed",
        "2QKV projection[2, 384]2.4e-31.0e-5✗ failed",
        "3KV cache state[2, 384]none1.0e-5? suspect",
      ]);
      await page.getByRole("button", { name: "QKV projection" }).click();
      const details = page.locator("#checkpoint-2");
      await details.getByText("Look at the embeddings first.").waitFor();
      await details.getByText("[2, 384]: 2.4e-3 at [1, 17], allowed 1.0e-5").waitFor();
      const values = details.getByRole("table", { name: "First values of h.0.ln_1, prefill" });
      assert.deepEqual(await values.locator("tbody tr").allTextContents(), [
        "00.12345670.1234569",
        "1-2-2",
        "23e-9none",
      ]);
      const histogram = details.getByRole("table", { name: "Distribution of the differences" });
      assert.deepEqual(await histogram.locator("tbody tr").allTextContents(), [
        "none12",
        "up to 1.0e-840",
        "up to 1.0e-7600",
        "up to 1.0e-6116",
      ]);
    });

    it("stays open and keeps the focus while results come in", async () => {
      await panel.send("checkpoints", { ...waiting, state: "running", progress: 0 });
      await page.getByRole("button", { name: "KV cache state" }).focus();
      await page.keyboard.press("Enter");
      await panel.send("checkpoints", checkpoints);
      await page.getByText("The engine did not yield this tensor.").waitFor();
      assert.equal(await focused().textContent(), "KV cache state");
      assert.equal(await focused().getAttribute("aria-expanded"), "true");
    });

    it("compares backends: where they differ first, and where another token is the likeliest", async () => {
      await panel.send("checkpoints", checkpoints);
      const found = page.getByRole("region", { name: "Backends" }).locator("li");
      assert.match(
        (await found.allTextContents()).join("\n"),
        /checkpoint 2, QKV projection, layer 2 .* 2 of 27 positions: 3, 9\.$/,
      );
      await page.getByRole("button", { name: "Compare Backends" }).focus();
      await page.keyboard.press("Enter");
      assert.deepEqual(await panel.lastPosted(), { kind: "comparison", action: "run" });
      await panel.send("checkpoints", { ...checkpoints, comparison: { ...checkpoints.comparison, state: "running" } });
      assert.equal(await focused().textContent(), "Cancel Comparison");
      await page.keyboard.press("Enter");
      assert.deepEqual(await panel.lastPosted(), { kind: "comparison", action: "cancel" });
    });

    it("copies and saves the report", async () => {
      await panel.send("checkpoints", checkpoints);
      const asked = [];
      for (const name of ["Copy as Markdown", "Copy as JSON", "Save Report…"]) {
        await page.getByRole("button", { name }).click();
        asked.push(await panel.lastPosted());
      }
      const actions = ["copyMarkdown", "copyJson", "save"].map((action) => ({ kind: "report", action }));
      assert.deepEqual(asked, actions);
    });
  });

  describe("Why", () => {
    beforeEach(async () => {
      await panel.turnTo("Why");
      await panel.send("why", why);
    });

    it("shows the lines that were considered, and opens a place of the workspace", async () => {
      const rows = page.getByRole("table", { name: "The lines that were considered" }).locator("tbody tr");
      assert.deepEqual(await rows.allTextContents(), [
        "Math.PI·*·r·**·2;modelsrc/circle.ts:12-3.50031.2 %",
        "Math.abs(r);renamedsrc/abs.ts:1–5.00 %",
      ]);
      await page.getByRole("button", { name: "src/abs.ts:1" }).click();
      assert.deepEqual(await panel.lastPosted(), { kind: "open", uri: "file:///w/src/abs.ts", line: 1 });
    });

    it("says which threshold was missed, and that nothing was considered", async () => {
      await page.getByText(/^The first line was chosen\. .* at least 20\.0 %\.$/).waitFor();
      await panel.send("why", { ...why, shown: false, threshold: 0.45 });
      await page.getByText(/^Nothing was suggested: .* 31\.2 %, and 45\.0 % was needed/).waitFor();
      await panel.send("why", { ...why, shown: false, lines: [] });
      await page.getByText(/^Nothing was suggested: neither the model nor the workspace/).waitFor();
      await panel.send("why", { ...why, threshold: 0 });
      await page.getByText(/^You asked for a suggestion/).waitFor();
      await panel.send("why", { kind: "undecided" });
      await page.getByText(/^No suggestion has been chosen yet/).waitFor();
    });
  });

  describe("Models", () => {
    beforeEach(async () => {
      await panel.sendMessage({ turnTo: "models" });
      await panel.send("models", models);
    });

    const rowsOf = (name: string) => page.getByRole("table", { name }).locator("tbody tr");
    const command = async () => {
      const posted = await panel.lastPosted();
      return posted?.kind === "model" ? posted.command : undefined;
    };

    it("lists what is there and what can be downloaded, with sizes, licenses and what fits", async () => {
      assert.deepEqual(await panel.posted(), [
        { kind: "show", tab: "logits" },
        { kind: "show", tab: "models" },
      ]);
      assert.equal(await page.getByRole("tab", { name: "Models" }).getAttribute("aria-selected"), "true");
      assert.deepEqual(await rowsOf("On this machine").allInnerTexts().then(joined), [
        "Bundled model|gpt2-code-mini · code · in use|–|–|–|–",
        "GPT-2 Medium|openai-community/gpt2-medium · English text|1.52 GB|355 M|MIT|Needs 950 MB of memory.|Use|Delete|Open Folder|Open Model Page",
        "GPT-2|openai-community/gpt2 · English text|137.0 MB, 25.0 % there|355 M|MIT|Needs 950 MB of memory.|Download|Delete|Open Folder|Open Model Page",
      ]);
      const [xl, coder] = joined(await rowsOf("For download from huggingface.co").allInnerTexts());
      assert.equal(
        xl,
        "GPT-2 XL|openai-community/gpt2-xl · English text|6.43 GB|1558 M|MIT|Needs 4.2 GB of memory while it is loaded: tight on this machine.|Download|Open Model Page",
      );
      assert.match(coder ?? "", /code · needs a token\|4\.55 GB\|–\|BigCode OpenRAIL-M\|–/);
    });

    it("is worked with the keys alone, and keeps the focus when the list is drawn again", async () => {
      await page.getByRole("button", { name: "Use: GPT-2 Medium" }).focus();
      await page.keyboard.press("Enter");
      assert.deepEqual(await command(), { kind: "row", action: "use", id: "installed medium" });
      await panel.send("models", { ...models, offered: [] });
      assert.equal(await focused().getAttribute("aria-label"), "Use: GPT-2 Medium");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Space");
      assert.deepEqual(await command(), { kind: "row", action: "delete", id: "installed medium" });
      await page.getByRole("button", { name: "Another Model on the Hub…" }).focus();
      await page.keyboard.press("Enter");
      assert.deepEqual(await command(), { kind: "list", action: "otherRepository" });
    });
  });

  describe("Engine", () => {
    beforeEach(async () => {
      await panel.turnTo("Engine");
      await panel.send("engine", engine);
    });

    it("shows what the engine holds", async () => {
      const shown = await page.getByRole("tabpanel").innerText();
      for (const part of [
        "gpt2-code-mini",
        "31.4 MB",
        "100.0 tokens/s",
        "11.2 ms, 2 of 214 tokens",
        "212 of 214 tokens",
      ]) {
        assert.ok(shown.includes(part), `“${part}” is missing in:\n${shown}`);
      }
      const slots = page.getByRole("table", { name: "Cache slots" }).locator("tbody tr");
      assert.deepEqual(await slots.allTextContents(), ["02145129.4 MB3 s"]);
    });

    it("shows how fast the backends are, which one was chosen for that, and measures them again", async () => {
      const speeds = page.getByRole("table", { name: "Speed of the backends" }).locator("tbody tr");
      assert.deepEqual(await speeds.allTextContents(), [
        "WebAssembly SIMD, own kernels4000.0800.015.5 msin use",
        "WebGPU, ONNX Runtime8000.0250.041.5 ms",
        "WebAssembly SIMD, ONNX Runtime–––not available. Its files are missing.",
      ]);
      await page.getByText(/^Chosen automatically: WebAssembly SIMD, own kernels/).waitFor();
      await page.getByRole("button", { name: "Measure Backends" }).click();
      assert.deepEqual(await panel.lastPosted(), { kind: "measureBackends" });
      await panel.send("engine", { ...engine, backends: { measuring: true, chosen: undefined, speeds: [] } });
      await page.getByText("Measuring the backends…").waitFor();
    });

    it("draws the last requests on a line of time, and how long their first tokens took", async () => {
      const timeline = page.getByRole("img", { name: /^The last 8 requests, the longest 232 ms/ });
      assert.equal(await timeline.locator("g").count(), 8);
      assert.equal(
        await timeline.locator("g title").first().textContent(),
        "92.0 ms: Waiting 0.10 ms, Tokenize 0.40 ms, Prefill 11.2 ms, Decode 80.0 ms, Other 0.30 ms",
      );
      const histogram = page.getByRole("table", { name: /^First token: median/ });
      assert.deepEqual((await histogram.locator("tbody tr").allTextContents()).slice(0, 2), [
        "0 to 25 ms2",
        "25 to 50 ms5",
      ]);
    });

    it("runs a command from a button that keeps its focus", async () => {
      await page.getByRole("button", { name: "Restart Engine" }).focus();
      await page.keyboard.press("Enter");
      assert.deepEqual(await panel.lastPosted(), { kind: "run", command: "restartEngine" });
      await panel.send("engine", { ...engine, state: "failed", message: "It is out of memory.", model: undefined });
      await page.getByText("It is out of memory.").waitFor();
      assert.equal(await focused().textContent(), "Restart Engine");
    });
  });
});

/** The texts of rows, with a line between the cells and between the lines of a cell. */
function joined(rows: readonly string[]): string[] {
  return rows.map((row) =>
    row
      .split(/[\t\n]+/)
      .filter((part) => part !== "")
      .join("|"),
  );
}
