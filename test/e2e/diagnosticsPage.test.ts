import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { pageHtml } from "../../src/diagnostics/html";
import type { EngineView, NextTokenView, ToPage, ToPanel } from "../../src/diagnostics/protocol";
import { CHROMIUM_ARGS, findChromium } from "../harness/chromium";

const origin = "http://panel.test";
const screenshots = path.resolve("test-results/e2e/diagnostics-page");

/** What the page finds in its window, in place of the editor. */
interface PanelWindow {
  posted: ToPanel[];
  intruded?: boolean;
}

const table: Extract<NextTokenView, { kind: "table" }> = {
  kind: "table",
  file: "src/area.ts",
  line: 3,
  column: 12,
  before: "function area(r: number) {\n\treturn ",
  candidates: [
    { token: 5436, text: " Math", logit: 14.25, probability: 0.7312 },
    { token: 374, text: " r", logit: 12.5, probability: 0.127 },
    { token: 198, text: "\n", logit: 9.125, probability: 0.00431 },
  ],
  ms: 12.3,
};

const engine: EngineView = {
  state: "ready",
  message: undefined,
  model: {
    name: "gpt2-code-mini",
    storage: "gguf Q8_0",
    architecture: "gpt2",
    layers: 6,
    heads: 6,
    width: 384,
    vocabSize: 50284,
    contextLength: 1024,
    tokenizer: "p50k_edit",
    fillInTheMiddle: true,
    backend: "wasm",
    precision: "int8",
    threads: 2,
    weightBytes: 31_400_000,
    heapBytes: 96_000_000,
    loadMs: 412,
  },
  slots: [{ id: 0, length: 214, capacity: 512, bytes: 9_437_184, idleMs: 3100 }],
  recent: [
    {
      queueMs: 0.1,
      tokenizeMs: 0.4,
      prefillMs: 11.2,
      decodeMs: 80,
      firstTokenMs: 16.3,
      totalMs: 92,
      promptTokens: 214,
      cachedTokens: 212,
      newTokens: 8,
    },
  ],
};

/** The colours of three themes, as the editor gives them to a webview. */
const themes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dark: {
    "editor-background": "#1f1f1f",
    foreground: "#cccccc",
    descriptionForeground: "#9d9d9d",
    "panelTitle-activeForeground": "#cccccc",
    "panelTitle-inactiveForeground": "#9d9d9d",
    "panelTitle-activeBorder": "#0078d4",
    "panel-border": "#2b2b2b",
    focusBorder: "#0078d4",
    "charts-blue": "#3794ff",
    "textCodeBlock-background": "#2b2b2b",
    "list-hoverBackground": "#2a2d2e",
    "button-secondaryBackground": "#313131",
    "button-secondaryForeground": "#cccccc",
  },
  light: {
    "editor-background": "#ffffff",
    foreground: "#3b3b3b",
    descriptionForeground: "#717171",
    "panelTitle-activeForeground": "#3b3b3b",
    "panelTitle-inactiveForeground": "#3b3b3b",
    "panelTitle-activeBorder": "#005fb8",
    "panel-border": "#e5e5e5",
    focusBorder: "#005fb8",
    "charts-blue": "#1a85ff",
    "textCodeBlock-background": "#f8f8f8",
    "list-hoverBackground": "#f2f2f2",
    "button-secondaryBackground": "#e5e5e5",
    "button-secondaryForeground": "#3b3b3b",
  },
  "high-contrast": {
    "editor-background": "#000000",
    foreground: "#ffffff",
    descriptionForeground: "#ffffff",
    "panelTitle-activeForeground": "#ffffff",
    "panelTitle-inactiveForeground": "#ffffff",
    "panelTitle-activeBorder": "#f38518",
    "panel-border": "#6fc3df",
    contrastBorder: "#6fc3df",
    contrastActiveBorder: "#f38518",
    focusBorder: "#f38518",
    "charts-blue": "#3794ff",
    "button-secondaryForeground": "#ffffff",
  },
};

describe("the diagnostics page", () => {
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  before(async () => {
    browser = await chromium.launch({ executablePath: await findChromium(), args: [...CHROMIUM_ARGS] });
    await mkdir(screenshots, { recursive: true });
  });
  after(() => browser.close());

  beforeEach(async () => {
    const context = await browser.newContext({ viewport: { width: 760, height: 720 } });
    page = await context.newPage();
    complaints = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    const files: Readonly<Record<string, { file: string; contentType: string }>> = {
      "/diagnostics.js": { file: "dist/webview/diagnostics.js", contentType: "text/javascript" },
      "/diagnostics.css": { file: "media/diagnostics.css", contentType: "text/css" },
    };
    const body = pageHtml({
      scriptUri: `${origin}/diagnostics.js`,
      styleUri: `${origin}/diagnostics.css`,
      cspSource: origin,
      nonce: "0123456789abcdef",
    });
    await page.route("**/*", async (route) => {
      const asked = files[new URL(route.request().url()).pathname];
      if (asked) await route.fulfill({ body: await readFile(asked.file), contentType: asked.contentType });
      else await route.fulfill({ body, contentType: "text/html" });
    });
    await page.addInitScript(() => {
      const panel = globalThis as unknown as PanelWindow & { acquireVsCodeApi: () => unknown };
      panel.posted = [];
      panel.acquireVsCodeApi = () => ({
        postMessage: (message: ToPanel) => panel.posted.push(message),
        getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null") as unknown,
        setState: (state: unknown) => sessionStorage.setItem("state", JSON.stringify(state)),
      });
    });
    await page.goto(origin);
  });

  afterEach(async () => {
    await page.context().close();
  });

  const send = (message: ToPage) => page.evaluate((data) => postMessage(data), message as unknown);
  const posted = () => page.evaluate(() => (globalThis as unknown as PanelWindow).posted);

  const paint = async (colours: Readonly<Record<string, string>>) => {
    const style = Object.entries(colours).map(([key, value]) => `--vscode-${key}: ${value}`);
    style.push("--vscode-font-family: sans-serif", "--vscode-font-size: 13px", "--vscode-editor-font-size: 13px");
    style.push("background: var(--vscode-editor-background)");
    await page.evaluate(`document.documentElement.style.cssText = ${JSON.stringify(style.join(";"))}`);
  };

  it("asks for the next token at first, and loads without a complaint", async () => {
    assert.deepEqual(await posted(), [{ kind: "show", tab: "nextToken" }]);
    assert.deepEqual(complaints, []);
  });

  it("shows the likeliest tokens in a table that a screen reader can read", async () => {
    await send({ kind: "nextToken", view: table });
    const drawn = page.getByRole("table", { name: "The likeliest next tokens" });
    assert.deepEqual(await drawn.getByRole("columnheader").allTextContents(), [
      "Rank",
      "Token",
      "Id",
      "Logit",
      "Probability",
    ]);
    assert.deepEqual(await drawn.getByRole("row").nth(1).allTextContents(), ["1·Math543614.25073.1 %"]);
    assert.equal(await drawn.getByRole("rowheader").count(), 3);
    assert.match(await page.getByRole("tabpanel").innerText(), /src\/area\.ts, line 3, column 12/);
    const { width } = (await page.locator(".bar").first().boundingBox()) ?? { width: 0 };
    assert.ok(width > 100, `the bar of the likeliest token is ${width} pixels wide`);
  });

  it("shows hostile text as text", async () => {
    const attack = `</script><img src=x onerror="intruded=true"><script>intruded=true</script><b>`;
    const candidates = [{ token: 1, text: attack, logit: 1, probability: 1 }];
    await send({ kind: "nextToken", view: { ...table, file: attack, before: attack, candidates } });
    await send({
      kind: "engine",
      view: { ...engine, message: attack, model: engine.model && { ...engine.model, name: attack } },
    });
    await page.getByRole("tab", { name: "Engine" }).click();
    assert.equal(await page.locator("main :is(script, img, b)").count(), 0);
    assert.equal(await page.getByText(attack).count(), 3);
    await send({ kind: "nextToken", view: { kind: "failed", message: attack } });
    assert.equal(await page.locator("main :is(script, img, b)").count(), 0);
    assert.equal(await page.evaluate(() => (globalThis as unknown as PanelWindow).intruded), undefined);
    assert.deepEqual(complaints, []);
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
    assert.equal(await page.evaluate(() => (globalThis as unknown as PanelWindow).intruded), undefined);
    assert.ok(complaints.some((text) => text.includes("Content Security Policy")));
  });

  it("is worked with the keys alone, and remembers the tab", async () => {
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    const engineTab = page.getByRole("tab", { name: "Engine" });
    assert.equal(await engineTab.getAttribute("aria-selected"), "true");
    assert.equal(await page.locator(":focus-visible").textContent(), "Engine");
    assert.deepEqual((await posted()).at(-1), { kind: "show", tab: "engine" });
    await page.keyboard.press("ArrowRight");
    assert.deepEqual((await posted()).at(-1), { kind: "show", tab: "nextToken" });
    await page.keyboard.press("End");
    await page.reload();
    assert.deepEqual(await posted(), [{ kind: "show", tab: "engine" }]);
  });

  it("shows what the engine holds, and runs a command from a button that keeps its focus", async () => {
    await page.getByRole("tab", { name: "Engine" }).click();
    await send({ kind: "engine", view: engine });
    const text = await page.getByRole("tabpanel").innerText();
    for (const part of ["gpt2-code-mini", "31.4 MB", "100.0 tokens/s", "11.2 ms, 2 of 214 tokens"]) {
      assert.ok(text.includes(part), `“${part}” is missing in:\n${text}`);
    }
    assert.deepEqual(await page.getByRole("table", { name: "Cache slots" }).locator("tbody tr").allTextContents(), [
      "02145129.4 MB3 s",
    ]);
    const button = page.getByRole("button", { name: "Restart Engine" });
    await button.focus();
    await page.keyboard.press("Enter");
    assert.deepEqual((await posted()).at(-1), { kind: "run", command: "restartEngine" });
    await send({
      kind: "engine",
      view: { ...engine, state: "failed", message: "It is out of memory.", model: undefined },
    });
    await page.getByText("It is out of memory.").waitFor();
    assert.equal(await page.locator(":focus").textContent(), "Restart Engine");
  });

  it("has room for a long token in a narrow panel", async () => {
    await paint(themes["dark"] ?? {});
    await page.setViewportSize({ width: 400, height: 600 });
    const candidates = [{ token: 50256, text: "<|endoftext|>", logit: -10.815, probability: 0.6 }];
    await send({ kind: "nextToken", view: { ...table, candidates } });
    await page.screenshot({ path: path.join(screenshots, "next-token-narrow.png") });
    assert.ok(((await page.locator(".token").boundingBox())?.height ?? 99) < 40);
  });

  it("is drawn in the theme's colours", async () => {
    const texts = new Set<unknown>();
    for (const [name, colours] of Object.entries(themes)) {
      await paint(colours);
      await page.getByRole("tab", { name: "Next Token" }).click();
      await send({ kind: "nextToken", view: table });
      await page.screenshot({ path: path.join(screenshots, `next-token-${name}.png`) });
      texts.add(await page.evaluate("getComputedStyle(document.body).color"));
      await page.getByRole("tab", { name: "Engine" }).click();
      await send({ kind: "engine", view: engine });
      await page.screenshot({ path: path.join(screenshots, `engine-${name}.png`) });
    }
    assert.equal(texts.size, 3);
  });
});
