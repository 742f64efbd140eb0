import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import { writeSafetensorsModel } from "../fixtures/safetensorsWriter";
import { TemporaryFolder, until } from "../harness/processes";
import { Session } from "./session";

/** Greedy with random weights: thousands of words without an end, the same ones each time. */
const endless = { "gpt2.generate.maxTokens": 4096, "gpt2.generate.temperature": 0 };

/** Nothing in the text can be foreseen, so it is written token by token. */
const slow = { "gpt2.generate.temperature": 1, "gpt2.generate.topK": 0, "gpt2.generate.topP": 1 };

describe("GPT-2: Generate…", () => {
  it("writes texts side by side, which can be canceled, branched, continued, kept and repeated, and are there after a reload", async () => {
    await using session = await Session.start("generate-form");
    const { workbench } = session;
    await workbench.openFile("src/cart.ts");
    await workbench.goTo(10);
    await workbench.press("Control+Shift+Home");
    await workbench.command("GPT-2: Generate…");
    let form = workbench.webview();
    await until("the selection as the prompt", 30_000, async () => {
      const prompt = await field(form, "Prompt").inputValue();
      return prompt.startsWith("export") || prompt.startsWith("import") ? true : undefined;
    });
    await field(form, "Tokens").fill("40");
    await field(form, "Texts").fill("2");
    await form.getByText("More settings").click();
    await field(form, "Seed").fill("5");
    await field(form, "First line").scrollIntoViewIfNeeded();
    await session.screenshot("form");
    await form.getByText("More settings").click();
    await field(form, "Texts").press("Enter");
    const cards = form.getByRole("article");
    await done(form, "at its maximum length", 2);
    await session.screenshot("written");
    const [first, second] = await texts(cards);
    assert.ok(first && second && first !== second);

    // The same seed, and so the same texts.
    await cards.nth(0).getByRole("button", { name: "Keep" }).click();
    await workbench.command("GPT-2: Repeat Last Generation");
    await until("the texts again", 60_000, async () => ((await cards.count()) === 3 ? true : undefined));
    await done(form, "at its maximum length", 3);
    assert.deepEqual(await texts(cards), [first, first, second]);

    // With the keys alone: to a token, its alternatives, and a branch.
    const token = cards.nth(0).getByRole("option").nth(3);
    await token.focus();
    await workbench.press("ArrowRight");
    await workbench.press("Enter");
    const alternatives = cards.nth(0).getByRole("table");
    await alternatives.waitFor();
    await session.screenshot("alternatives");
    await workbench.press("Enter");
    await cards.getByText(/Branched from text \d+ at token 5/).waitFor();
    await done(form, "at its maximum length", 4);
    const branched = (await texts(cards))[1] ?? "";
    assert.notEqual(branched, first);
    const begin = (await cards.nth(0).getByRole("option").allTextContents()).slice(0, 4).join("");
    assert.ok(branched.startsWith(begin), branched);
    await session.screenshot("branched");

    await cards.nth(1).getByRole("button", { name: "Continue" }).click();
    await cards.nth(1).getByText("84 tokens").or(cards.nth(1).getByText("85 tokens")).waitFor();
    assert.ok((await texts(cards))[1]?.startsWith(branched));

    await cards.nth(1).getByRole("button", { name: "Open" }).click();
    await workbench.page.getByRole("tab", { name: /Untitled-1/ }).waitFor();
    await workbench.page.getByRole("tab", { name: "GPT-2 Generate" }).click();

    await workbench.page.reload();
    await workbench.statusItem.waitFor();
    await workbench.page.getByRole("tab", { name: "GPT-2 Generate" }).click();
    form = workbench.webview();
    await form.getByRole("article").first().waitFor();
    assert.equal(await field(form, "Tokens").inputValue(), "40");
    await form.getByText("History", { exact: true }).click();
    const entries = form.getByRole("listitem");
    assert.equal(await entries.count(), 4);
    await session.screenshot("history");
    await entries.nth(3).getByRole("button", { name: "View" }).click();
    await until("the first texts", 20_000, async () =>
      (await form.getByRole("article").count()) === 2 ? true : undefined,
    );
    assert.deepEqual(await plainTexts(form.getByRole("article")), [first, second]);
    await entries.nth(3).getByRole("button", { name: "Delete" }).click();
    await until("one entry less", 20_000, async () => ((await entries.count()) === 3 ? true : undefined));
  });
});

describe("texts of thousands of tokens", () => {
  let model: TemporaryFolder;
  let session: Session;
  before(async () => {
    model = await TemporaryFolder.create("gpt2-random");
    await writeSafetensorsModel(model.path, "gpt2-tiny");
    session = await Session.start("generate-endless", {
      settings: { "gpt2.model": model.path, "editor.wordWrap": "on", ...endless, ...slow },
    });
  });
  after(async () => {
    await session[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
  });
  afterEach(() => session.workbench.command("View: Close All Editors"));

  it("stream with their speed into the form, and Escape cancels", async () => {
    const { workbench } = session;
    await workbench.command("GPT-2: Generate…");
    const form = workbench.webview();
    await until("the form", 30_000, async () =>
      (await field(form, "Tokens").inputValue()) === "4096" ? true : undefined,
    );
    await field(form, "Prompt").fill("Once");
    await field(form, "Prompt").press("Control+Enter");
    const status = form.getByRole("status").first();
    await until("tokens of a running text", 60_000, async () =>
      /of at most 4096 tokens, \d+/.test(await status.innerText()) ? true : undefined,
    );
    await session.screenshot("form-streaming");
    await workbench.press("Escape");
    await done(form, "canceled", 1);
    await session.screenshot("form-canceled");
  });

  it("go on in another column when the form is moved there meanwhile", async () => {
    const { workbench } = session;
    await workbench.openFile("src/cart.ts");
    await workbench.command("GPT-2: Generate…");
    const form = workbench.webview();
    await field(form, "Prompt").fill("Once");
    await field(form, "Prompt").press("Control+Enter");
    const written = async () => Number(/^(\d+) of at most/.exec(await status())?.[1] ?? 0);
    const status = () =>
      form
        .getByRole("status")
        .first()
        .innerText({ timeout: 5000 })
        .catch(() => "");
    const more = (than: number) =>
      until("more tokens of a running text", 60_000, async () => {
        const count = await written();
        return count > than ? count : undefined;
      });
    const before = await more(20);
    await workbench.command("View: Move Editor into Next Group");
    await until("the form beside the file", 20_000, async () =>
      (await workbench.page.locator(".editor-group-container").count()) === 2 ? true : undefined,
    );
    const moved = await more(before);
    await more(moved + 20);
    // The page is loaded anew, and may hear how far the run is before it has the text.
    await form.getByRole("article").waitFor();
    await session.screenshot("form-moved");
    assert.equal(await form.getByRole("article").count(), 1);
    assert.equal(await field(form, "Prompt").inputValue(), "Once");
    const options = form.getByRole("article").getByRole("option");
    assert.ok((await options.count()) > before, "the page has the text from its beginning");
    await form.getByRole("button", { name: "Cancel" }).click();
    await done(form, "canceled", 1);
  });

  it("stream at the cursor as one step to undo, Escape cancels, and they can be repeated", async () => {
    const { workbench, workspace } = session;
    const file = path.join(workspace.folder, "tools/report.py");
    const before = await readFile(file, "utf8");
    const cancelled = async () => (await session.log()).match(/ended by cancelled/g)?.length ?? 0;
    const earlier = await cancelled();
    // Undoing alone makes the file count as saved, while the editor is still writing it.
    const undone = () =>
      until("the file as it was", 10_000, async () => ((await readFile(file, "utf8")) === before ? true : undefined));
    await workbench.openFile("tools/report.py");
    await workbench.press("Control+End");
    const untouched = await workbench.textLength();
    await workbench.command("GPT-2: Generate Here");
    const longer = (than: number) =>
      until("text in the document", 60_000, async () =>
        (await workbench.textLength()) > than + 40 ? true : undefined,
      );
    await longer(untouched);
    await session.screenshot("here-streaming");
    await workbench.press("Escape");
    const stopped = await settledLength(workbench);
    assert.ok(stopped > untouched);
    assert.equal(await cancelled(), earlier + 1);
    await workbench.press("Control+Z");
    await workbench.save();
    await undone();

    await workbench.command("GPT-2: Repeat Last Generation");
    await longer(untouched);
    await workbench.press("Escape");
    await settledLength(workbench);
    await session.screenshot("here-repeated");
    // It is over: Escape is the editor's again, and undoing takes one step.
    await workbench.press("Escape");
    await workbench.press("Control+Z");
    await workbench.save();
    await undone();
  });

  it("stream into a new editor, as the continuation of the selection", async () => {
    const { workbench } = session;
    await session.changeSettings(endless);
    await workbench.openFile("tools/report.py");
    await workbench.press("Control+A");
    await workbench.page.evaluate(collectCursorPlaces);
    await workbench.contextMenu("Generate with GPT-2");
    await workbench.page.getByRole("tab", { name: /Untitled-1/ }).waitFor();
    // The new editor's cursor starts at its top and goes to the end of the prompt. From there on each piece of text moves it.
    const before = 2;
    await until("text in several pieces", 60_000, async () => {
      const places = await workbench.page.evaluate<number>("gpt2Places.size");
      return places >= before + 4 ? true : undefined;
    });
    await session.screenshot("selection-streaming");
    await workbench.notifications.first().waitFor({ state: "hidden" });
    await session.screenshot("selection-generated");
    assert.match(await session.log(), /Generated 4096 tokens/);
    // What closes the editors afterwards must not be asked whether to keep it.
    await workbench.command("View: Revert and Close Editor");
  });
});

/** A field of the form by its label. */
function field(form: FrameLocator, label: string): Locator {
  return form.getByLabel(label, { exact: true });
}

/** Waits until so many texts are in a state. */
async function done(form: FrameLocator, state: string, count: number): Promise<void> {
  await until(`${count} texts that are ${state}`, 60_000, async () =>
    (await form.getByRole("article").getByText(state).count()) === count ? true : undefined,
  );
}

/** The texts of the cards, from their tokens. */
async function texts(cards: Locator): Promise<string[]> {
  const all = await cards.all();
  return Promise.all(all.map(async (card) => (await card.getByRole("option").allTextContents()).join("")));
}

/** The texts of cards that have no tokens. */
async function plainTexts(cards: Locator): Promise<string[]> {
  const all = await cards.all();
  return Promise.all(all.map(async (card) => (await card.getByRole("listbox").textContent()) ?? ""));
}

/** The length of the editor's text once it no longer changes. */
async function settledLength(workbench: Session["workbench"]): Promise<number> {
  let last = -1;
  return until("an end of the text", 20_000, async () => {
    await workbench.page.waitForTimeout(400);
    const length = await workbench.textLength();
    const same = length === last;
    last = length;
    return same ? length : undefined;
  });
}

/** Runs in the workbench's page: `gpt2Places` gathers the cursor places that the status bar shows while an untitled editor is active. */
const collectCursorPlaces = `{
  window.gpt2Places = new Set();
  new MutationObserver(() => {
    const title = document.querySelector(".editor-group-container.active .tab.active")?.textContent ?? "";
    const place = document.getElementById("status.editor.selection")?.textContent;
    if (place && title.includes("Untitled")) gpt2Places.add(place);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}`;
