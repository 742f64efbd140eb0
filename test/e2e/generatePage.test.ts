import assert from "node:assert/strict";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { defaultForm } from "../../src/generate/form";
import { presetsWith } from "../../src/generate/presets";
import type { TextView, ToHost, ToPage, TokenView } from "../../src/generate/protocol";
import { e2eResults } from "../harness/e2eResults";
import { openBrowser, PanelPage } from "./panelPage";
import { themes } from "./panelThemes";

const screenshots = e2eResults("generate-page");
const files = {
  script: "generate.js",
  styles: ["diagnostics/page.css", "diagnostics/tabs.css", "generate/form.css", "generate/texts.css"],
};

function token(text: string, probability = 0.5): TokenView {
  const alternatives = [
    { text, probability, chosen: true },
    { text: " other", probability: probability / 2, chosen: false },
    { text: "<|endoftext|>", probability: probability / 4, chosen: false },
  ];
  return { text, probability, alternatives };
}

function textView(id: number, words: readonly string[], more: Partial<TextView> = {}): TextView {
  const tokens = words.map((word, i) => token(word, 0.9 / (i + 1)));
  const shown = words.join("").length;
  return {
    ...{
      id,
      parent: undefined,
      branchedAt: 0,
      seed: 7,
      plain: "",
      tokens,
      from: 0,
      shown,
      state: "length",
      kept: false,
    },
    ...more,
  };
}

const idle = { running: false, loading: false, tokens: 0, of: 0, decodeMs: 0, problem: undefined };
const view: ToPage = {
  form: { ...defaultForm, prompt: "function add(", header: "// a.ts\n", texts: 2 },
  presets: presetsWith({ Mine: { temperature: 0.3 } }),
  model: { name: "gpt2-code-mini", constraints: true, beams: true },
  texts: [
    textView(1, ["a", ": number", ",", " b", ": number", ")", " {", "\n  return", " a + b;\n}"]),
    textView(2, ["x", ") {", "\n\tdone();"], { parent: 1, branchedAt: 0, kept: true }),
  ],
  run: { ...idle, tokens: 12, decodeMs: 300 },
  history: {
    on: true,
    rows: [{ id: "h1", at: 1_700_000_000_000, model: "m", prompt: "let x", text: " = 1;", texts: 1 }],
  },
};

describe("the page of Generate…", () => {
  let browser: Browser;
  let panel: PanelPage;
  let page: Page;

  before(async () => {
    browser = await openBrowser(screenshots);
  });
  after(() => browser.close());
  beforeEach(async () => {
    panel = await PanelPage.open(browser, files);
    page = panel.page;
    await panel.sendMessage(view);
  });
  afterEach(() => panel[Symbol.asyncDispose]());

  const posted = async () => (await panel.posted()) as readonly unknown[] as readonly ToHost[];
  const last = async () => (await posted()).at(-1);
  const focusedLabel = () => page.evaluate("document.activeElement.labels[0].textContent");
  const focusedText = () => page.evaluate("document.activeElement.textContent");

  it("asks for everything, and loads without a complaint", async () => {
    assert.deepEqual(await posted(), [{ kind: "show" }]);
    assert.deepEqual(panel.complaints, []);
    assert.equal(await page.evaluate("document.activeElement.tagName"), "TEXTAREA");
  });

  it("gives back the form as it was given, and as it is changed", async () => {
    await page.keyboard.press("Control+Enter");
    assert.deepEqual(await last(), { kind: "generate", form: view.form });
    await page.getByText("More settings").click();
    await page.getByLabel("Sampling", { exact: true }).first().selectOption("Mine");
    await page.getByLabel("Seed").fill("11");
    await page.getByLabel("Must match").selectOption("Regular expression");
    await page.getByLabel("Expression or schema").fill("a+");
    await page.getByRole("button", { name: "Generate", exact: true }).click();
    const sent = await last();
    assert.ok(sent?.kind === "generate");
    assert.deepEqual([sent.form.seed, sent.form.match, sent.form.pattern], [11, "regex", "a+"]);
    assert.deepEqual([sent.form.sampling.temperature, sent.form.sampling.topK], [0.3, 0]);
    await page.getByLabel("Temperature").fill("0.31");
    assert.equal(
      await page.getByLabel("Sampling", { exact: true }).first().locator("option:checked").innerText(),
      "Custom",
    );
  });

  it("asks for no match where the model cannot heed one", async () => {
    const form = { ...defaultForm, prompt: "x", match: "regex" } as const;
    await panel.sendMessage({ form, model: { name: "far", constraints: false, beams: false } });
    await page.keyboard.press("Control+Enter");
    assert.deepEqual(await last(), { kind: "generate", form: { ...form, match: "nothing" } });
  });

  it("shows the adapter of the prompt, and writes without it when it is cleared", async () => {
    const clear = page.getByRole("button", { name: "Write without the adapter" });
    assert.equal(await clear.isVisible(), false);
    const form = { ...defaultForm, prompt: "SELECT", adapter: "~/adapters/sql" };
    await panel.sendMessage({ form });
    assert.equal(await page.getByText("~/adapters/sql").isVisible(), true);
    await page.keyboard.press("Control+Enter");
    assert.deepEqual(await last(), { kind: "generate", form });
    await clear.click();
    assert.deepEqual(
      [await clear.isVisible(), await page.evaluate("document.activeElement.tagName")],
      [false, "TEXTAREA"],
    );
    await page.keyboard.press("Control+Enter");
    assert.deepEqual(await last(), { kind: "generate", form: { ...form, adapter: "" } });
  });

  it("keeps what is typed after a moment", async () => {
    await page.getByLabel("Prompt").fill("changed");
    await page.waitForTimeout(500);
    const sent = await last();
    assert.ok(sent?.kind === "form" && sent.form.prompt === "changed");
  });

  it("sends nothing that is out of range, and shows where that is", async () => {
    await page.getByText("More settings").click();
    await page.getByLabel("Top-p").fill("3");
    await page.getByText("More settings").click();
    await page.getByLabel("Prompt").press("Control+Enter");
    await page.waitForTimeout(500);
    assert.deepEqual(await posted(), [{ kind: "show" }]);
    assert.ok(await page.getByLabel("Top-p").isVisible());
    await page.getByLabel("Top-p").fill("1");
    const kind = page.getByLabel("Must match");
    const pattern = page.getByLabel("Expression or schema");
    const said = () =>
      pattern.evaluate((field) => (field as unknown as { validationMessage: string }).validationMessage);
    assert.equal(await pattern.isVisible(), false);
    for (const [choice, empty, name] of [
      ["JSON schema", "", "JSON schema"],
      ["Regular expression", " ", "regular expression"],
    ] as const) {
      await kind.selectOption(choice);
      await pattern.fill(empty);
      await page.getByText("More settings").click();
      await page.getByLabel("Prompt").press("Control+Enter");
      await page.waitForTimeout(500);
      assert.ok(
        (await posted()).every(
          (message) => message.kind !== "generate" && !("form" in message && message.form.match !== "nothing"),
        ),
      );
      assert.ok(await pattern.isVisible());
      assert.equal(await said(), `Enter the ${name} that the text must match.`);
      assert.equal(await pattern.evaluate("document.activeElement.matches('textarea:invalid')"), true);
    }
    await kind.focus();
    await page.keyboard.press("Tab");
    assert.equal(await focusedLabel(), "Expression or schema");
    await pattern.fill("a+");
    assert.equal(await said(), "");
    await page.getByLabel("Prompt").press("Control+Enter");
    const sent = await last();
    assert.ok(sent?.kind === "generate" && sent.form.pattern === "a+");
  });

  it("is worked with the keys: to a token, its alternatives, a branch, and back", async () => {
    const card = page.getByRole("article", { name: "Text 1" });
    await card.getByRole("option").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await card.getByRole("table", { name: "In place of :·number" }).waitFor();
    assert.equal(await focusedText(), "·other");
    assert.equal(await card.getByRole("button", { name: /^Branch with/ }).count(), 1, "no branch at the end of text");
    await page.keyboard.press("Escape");
    assert.equal(await focusedText(), ": number");
    assert.ok(!(await posted()).some(({ kind }) => kind === "cancel"));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    assert.deepEqual(await last(), { kind: "branch", id: 1, position: 1, alternative: 1 });
    await page.keyboard.press("Escape");
    assert.deepEqual(await last(), { kind: "cancel" });
  });

  it("shows a text as it grows, and nothing of it that may become a stop string", async () => {
    const card = page.getByRole("article", { name: "Text 9" });
    const text = textView(9, ["a"], { state: "writing" });
    await panel.sendMessage({ texts: [text], run: { ...idle, running: true, of: 100, tokens: 1 } });
    const growth = (from: number, added: readonly string[], shown: number) =>
      panel.sendMessage({
        growth: [{ id: 9, plain: "", shown, state: "writing", tokens: added.map((one) => token(one)), from }],
      });
    await growth(1, ["b\n", "\nEN"], 3);
    const shown = () =>
      card.getByRole("listbox").evaluate((list) => (list as { innerText: string }).innerText.trimEnd());
    assert.equal(await shown(), "ab");
    await growth(2, ["\nEN", "", "😀"], 8);
    assert.equal(await shown(), "ab\n\nEN😀");
    assert.equal(await page.getByRole("status").innerText(), "1 of at most 100 tokens, – tokens/s");
    assert.ok(await page.getByRole("progressbar").isVisible());
    assert.ok(await page.getByRole("button", { name: "Cancel" }).isEnabled());
  });

  it("asks for what its buttons say", async () => {
    const card = page.getByRole("article", { name: "Text 2" });
    assert.equal(await card.getByRole("button", { name: "Keep" }).getAttribute("aria-pressed"), "true");
    for (const [name, action] of [
      ["Keep", "keep"],
      ["Copy", "copy"],
      ["Insert", "insert"],
      ["Open", "open"],
      ["Continue", "continue"],
      ["Remove", "remove"],
    ] as const) {
      await card.getByRole("button", { name }).click();
      assert.deepEqual(await last(), { kind: "text", id: 2, action });
    }
    await page.getByText("History", { exact: true }).click();
    for (const [name, action] of [
      ["View", "view"],
      ["Repeat", "repeat"],
      ["Delete", "remove"],
    ] as const) {
      await page.getByRole("button", { name }).click();
      assert.deepEqual(await last(), { kind: "history", id: "h1", action });
    }
    await page.getByRole("button", { name: "Clear History" }).click();
    assert.deepEqual(await last(), { kind: "clearHistory" });
    await page.reload();
    await panel.sendMessage(view);
    assert.ok(await page.getByRole("button", { name: "View" }).isVisible(), "the history is no longer open");
  });

  it("shows hostile text as text", async () => {
    const attack = `</script><img src=x onerror="intruded=true"><b>`;
    await panel.sendMessage({
      form: { ...defaultForm, prompt: attack, header: attack },
      model: { name: attack, constraints: true, beams: true },
      presets: presetsWith({ [attack]: {} }),
      texts: [textView(1, [attack, attack]), textView(2, [], { plain: attack, shown: attack.length })],
      run: { ...idle, problem: attack },
      history: { on: true, rows: [{ id: "x", at: 0, model: attack, prompt: attack, text: attack, texts: 2 }] },
    });
    await page.getByRole("article", { name: "Text 1" }).getByRole("option").first().click();
    await page.getByRole("alert").getByText(attack).waitFor();
    assert.equal(await page.locator("main :is(script, img, b)").count(), 0);
    assert.equal(await panel.intruded(), false);
    assert.deepEqual(panel.complaints, []);
  });

  it("is drawn in the theme's colors, wide and narrow", async () => {
    await page.getByText("More settings").click();
    await page.getByText("History", { exact: true }).click();
    await page.getByRole("article", { name: "Text 1" }).getByRole("option").nth(1).click();
    const colors = new Set<unknown>();
    for (const [name, theme] of Object.entries(themes)) {
      await panel.paint(theme);
      colors.add(await page.evaluate("getComputedStyle(document.querySelector('textarea')).color"));
      await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
    }
    assert.equal(colors.size, 3);
    await page.setViewportSize({ width: 320, height: 720 });
    assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true, "it is too wide");
    await page.screenshot({ path: path.join(screenshots, "narrow.png"), fullPage: true });
  });
});
