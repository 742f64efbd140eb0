import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium, type BrowserContext, type FrameLocator, type Locator, type Page } from "playwright-core";
import { CHROMIUM_ARGS, findChromium } from "./chromium";
import { TemporaryFolder, until } from "./processes";
import { SLOW_MACHINE } from "./slowMachine";

const GHOST_TEXT = ".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text";

/** How long ghost text must stay the same to be read. */
const SETTLE_MS = 200;

/** As much of an element of the page as is used here: this program is compiled without the browser's types. */
interface GhostPiece {
  readonly textContent: string;
  closest(selector: string): GhostLine | null;
}

interface GhostLine {
  getBoundingClientRect(): { readonly top: number };
}

/** Milliseconds after which a key that has opened nothing is pressed again. */
const KEY_MS = 3000;

export interface OpenOptions {
  /** Prepares the page before the workbench loads. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** Milliseconds that anything in the page may take. */
  readonly timeoutMs?: number;
  /** Further arguments of the browser. */
  readonly browserArgs?: readonly string[];
}

/** VS Code in a browser, driven as a person would: keys, clicks, and what is to be seen. */
export class Workbench implements AsyncDisposable {
  readonly #console: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly profile: TemporaryFolder,
  ) {}

  /** Opens `url` in a headless browser that reaches this machine only, and waits until the workbench stands. */
  static async open(url: string, options: OpenOptions = {}): Promise<Workbench> {
    const executablePath = await findChromium();
    const profile = await TemporaryFolder.create("gpt2-chromium");
    const context = await chromium.launchPersistentContext(profile.path, {
      executablePath,
      headless: true,
      args: [...CHROMIUM_ARGS, ...(options.browserArgs ?? [])],
      viewport: { width: 1200, height: 760 },
    });
    const page = context.pages()[0] ?? (await context.newPage());
    const workbench = new Workbench(page, context, profile);
    page.setDefaultTimeout(options.timeoutMs ?? 30_000 * SLOW_MACHINE);
    page.on("console", (message) => workbench.#console.push(`${message.type()}: ${message.text()}`));
    try {
      await options.prepare?.(page);
      await page.goto(url);
      await page.locator(".monaco-workbench .part.statusbar").waitFor();
    } catch (error) {
      await workbench[Symbol.asyncDispose]();
      throw error;
    }
    return workbench;
  }

  /** Opens a file of the workspace by its path or name, with Go to File, and focuses it. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press("ControlOrMeta+P");
    const input = this.page.locator(".quick-input-widget input");
    await input.fill(name);
    // The list shows recent files first and follows the text a moment later.
    await this.quickPickRow(path.basename(name)).click();
    const tab = this.page.getByRole("tab", { name: path.basename(name) });
    await tab.waitFor();
    await this.editor.locator(".view-line").first().waitFor();
  }

  /** The active text editor. */
  get editor(): Locator {
    return this.page.locator(".editor-group-container.active .editor-instance .monaco-editor").first();
  }

  /** The suggestions in gray. */
  get ghostText(): Locator {
    return this.page.locator(GHOST_TEXT);
  }

  /**
   * Waits for ghost text that stays the same for a moment.
   * @returns it, as it is to be seen.
   * @throws when there is none after `timeoutMs`, with what the window shows instead.
   */
  async waitForGhostText(timeoutMs = 30_000): Promise<string> {
    let before = "";
    const shown = until("ghost text", timeoutMs, async () => {
      const text = await this.readGhostText();
      const settled = text !== "" && text === before;
      before = text;
      if (!settled) await sleep(SETTLE_MS);
      return settled ? text : undefined;
    });
    return shown.catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.describe()}`, { cause: error });
    });
  }

  /** What the window shows, for the message of a test that failed. */
  private async describe(): Promise<string> {
    const editor = await this.editor.locator(".view-lines").innerText({ timeout: 1000 }).catch(String);
    const status = await this.statusItem.getAttribute("aria-label", { timeout: 1000 }).catch(String);
    const list = await this.page.locator(".suggest-widget.visible").allInnerTexts();
    return `The editor:\n${editor}\nThe status bar item: ${status}\nThe lists of IntelliSense: ${list.join("\n")}`;
  }

  /** The ghost text that is there now, or an empty string. A line of it consists of several colored pieces. */
  async readGhostText(): Promise<string> {
    const lines = await this.ghostText.evaluateAll((pieces) => {
      // The page has the lines after the cursor's before that one.
      const texts = new Map<number, string>();
      for (const piece of pieces as unknown as readonly GhostPiece[]) {
        const top = piece.closest(".view-line")?.getBoundingClientRect().top ?? 0;
        texts.set(top, (texts.get(top) ?? "") + piece.textContent);
      }
      return [...texts].sort(([a], [b]) => a - b).map(([, text]) => text);
    });
    // The editor draws blanks as no-break spaces.
    return lines.join("\n").replaceAll("\u00a0", " ").replaceAll("\u200b", "");
  }

  /** Puts the cursor at a line and column (both from 1). */
  async goTo(line: number, column = 1): Promise<void> {
    await this.page.keyboard.press("Control+G");
    const input = this.page.locator(".quick-input-widget input");
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await input.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** Types like a person, `delayMs` between keys, until the editor has drawn what was typed. */
  async type(text: string, delayMs = 60): Promise<void> {
    await this.page.keyboard.type(text, { delay: delayMs });
    await this.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  /** Presses a key until what it opens is there: the editor ignores it while it draws what it belongs to anew. */
  async pressFor(key: string, opened: Locator): Promise<void> {
    await until(`what ${key} opens`, 30_000, async () => {
      await this.press(key);
      return opened.waitFor({ timeout: KEY_MS }).then(
        () => true,
        () => undefined,
      );
    });
  }

  async save(): Promise<void> {
    await this.page.keyboard.press("ControlOrMeta+S");
    await this.page.locator(".editor-group-container.active .tab.active:not(.dirty)").waitFor();
  }

  /** Runs a command by its exact title in the command palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input");
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.quickPickRow(title).click();
  }

  /** Runs an entry of the editor's context menu. It is chosen with Enter: the menu ignores clicks in its first 100 ms. */
  async contextMenu(entry: string): Promise<void> {
    await this.page.keyboard.press("Shift+F10");
    await this.page.getByRole("menuitem", { name: entry }).hover();
    await this.page.keyboard.press("Enter");
  }

  /** The row of the open quick pick with exactly this label. */
  quickPickRow(label: string): Locator {
    const name = this.page.locator(".label-name").getByText(label, { exact: true });
    return this.page.locator(".quick-input-list .monaco-list-row").filter({ has: name }).first();
  }

  /** The first webview's document. */
  webview(): FrameLocator {
    return this.page.locator("iframe.webview.ready").first().contentFrame().frameLocator("iframe#active-frame");
  }

  /** The extension's item in the status bar: it is there once the extension is active. */
  get statusItem(): Locator {
    return this.page.locator('.statusbar-item[id="gpt2-vscode.gpt2-vscode.gpt2.status"]');
  }

  /** What the page wrote to its console. */
  get console(): string {
    return this.#console.join("\n");
  }

  /** How much text of the active editor is in view, in characters. */
  async textLength(): Promise<number> {
    return (await this.editor.locator(".view-lines").innerText()).length;
  }

  /** Presses a button of the dialog that asks something. */
  async dismissDialog(button: string): Promise<void> {
    await this.page.locator(".monaco-dialog-box").getByRole("button", { name: button, exact: true }).click();
  }

  /** The notification toasts. */
  get notifications(): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item");
  }

  /** Keeps a picture of the window. @param file ends in `.png`. */
  async screenshot(file: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
    await this.profile[Symbol.asyncDispose]();
  }
}
