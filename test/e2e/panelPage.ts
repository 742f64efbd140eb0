import { mkdir, readFile } from "node:fs/promises";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { pageHtml } from "../../src/diagnostics/html";
import type { Tab, TabViews, ToPage, ToPanel } from "../../src/diagnostics/protocol";
import { CHROMIUM_ARGS, findChromium } from "../harness/chromium";

const origin = "http://panel.test";

/** What the page finds in its window, in place of the editor. */
interface PanelWindow {
  posted: ToPanel[];
  intruded?: boolean;
  addEventListener(type: "message", listener: () => void, options: { once: boolean }): void;
  postMessage(data: unknown): void;
}

/** The files of a panel's page. */
export interface PageFiles {
  /** Of `dist/webview`. */
  readonly script: string;
  /** Of `media`. */
  readonly styles: readonly string[];
}

const diagnostics: PageFiles = { script: "diagnostics.js", styles: ["diagnostics/page.css", "diagnostics/tabs.css"] };

/** Opens a browser, and makes the folder for its screenshots. */
export async function openBrowser(screenshots: string): Promise<Browser> {
  await mkdir(screenshots, { recursive: true });
  return chromium.launch({ executablePath: await findChromium(), args: [...CHROMIUM_ARGS] });
}

/** A panel's page in a browser without the editor: the test is its host. */
export class PanelPage implements AsyncDisposable {
  private constructor(
    readonly page: Page,
    /** What the browser complained of. */
    readonly complaints: readonly string[],
  ) {}

  static async open(browser: Browser, { script, styles }: PageFiles = diagnostics): Promise<PanelPage> {
    const context = await browser.newContext({ viewport: { width: 760, height: 720 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    const files = new Map([
      [`/${script}`, { file: `dist/webview/${script}`, contentType: "text/javascript" }],
      ...styles.map((style) => [`/${style}`, { file: `media/${style}`, contentType: "text/css" }] as const),
    ]);
    const body = pageHtml({
      scriptUri: `${origin}/${script}`,
      styleUris: styles.map((style) => `${origin}/${style}`),
      cspSource: origin,
      nonce: "0123456789abcdef",
    });
    await page.route("**/*", async (route) => {
      const asked = files.get(new URL(route.request().url()).pathname);
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
    return new PanelPage(page, complaints);
  }

  /** Sends what a tab is to show, in the form in which the editor would carry it, and waits until it is drawn. */
  async send<T extends Tab>(tab: T, view: TabViews[T]): Promise<void> {
    const message: ToPage = { tab, view } as ToPage;
    await this.sendMessage(message);
  }

  /** Sends a message to the page, and waits until it was received. */
  async sendMessage(message: object): Promise<void> {
    await this.page.evaluate(
      (data) => {
        const panel = globalThis as unknown as PanelWindow;
        return new Promise<void>((resolve) => {
          // It was added after the page's own listener, so what was sent is drawn by then.
          panel.addEventListener("message", () => resolve(), { once: true });
          panel.postMessage(data);
        });
      },
      JSON.parse(JSON.stringify(message)) as unknown,
    );
  }

  /** Turns to a tab. @returns what it shows */
  async turnTo(title: string): Promise<Locator> {
    await this.page.getByRole("tab", { name: title }).click();
    return this.page.getByRole("tabpanel", { name: title });
  }

  /** What the page told its host. */
  async posted(): Promise<readonly ToPanel[]> {
    return this.page.evaluate(() => (globalThis as unknown as PanelWindow).posted);
  }

  async lastPosted(): Promise<ToPanel | undefined> {
    return (await this.posted()).at(-1);
  }

  /** Waits for a message of this kind to be the last one. */
  async waitForPosted(kind: ToPanel["kind"]): Promise<ToPanel | undefined> {
    for (let tries = 0; tries < 100 && (await this.lastPosted())?.kind !== kind; tries++) {
      await this.page.waitForTimeout(50);
    }
    return this.lastPosted();
  }

  /** Whether foreign code ran. */
  async intruded(): Promise<boolean> {
    return (await this.page.evaluate(() => (globalThis as unknown as PanelWindow).intruded)) !== undefined;
  }

  /** Gives the page the colors of a theme. */
  async paint(colors: Readonly<Record<string, string>>): Promise<void> {
    const style = Object.entries(colors).map(([key, value]) => `--vscode-${key}: ${value}`);
    style.push("--vscode-font-family: sans-serif", "--vscode-font-size: 13px", "--vscode-editor-font-size: 13px");
    style.push("background: var(--vscode-editor-background)");
    await this.page.evaluate(`document.documentElement.style.cssText = ${JSON.stringify(style.join(";"))}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
