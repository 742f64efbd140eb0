import * as vscode from "vscode";
import { createNonce } from "../diagnostics/html";
import type { WorkerLink } from "../engine/workerLink";
import type { ModelFiles } from "../formats/byteSource";
import { BackendUnavailableError } from "../gpt2/errors";
import { EnginePage } from "./enginePage";
import { enginePageHtml } from "./html";
import type { FromPage } from "./protocol";

/** Milliseconds for which the tab may be in front of another one that is no text editor. */
const shownAtMostMs = 5000;
/** Milliseconds after which a page that has not loaded is shown again, and how often. */
const showAgainMs = 5000;
const timesShownAgain = 4;

export interface EngineTabOptions {
  readonly extensionUri: vscode.Uri;
  /** Opens a model by its path. */
  readonly openPath: (path: string) => Promise<ModelFiles>;
}

interface OpenTab {
  readonly panel: vscode.WebviewPanel;
  readonly page: EnginePage;
}

/**
 * The tab whose page hosts the engine where it needs WebGPU: the extension host is Node, which has none. It opens in the background when
 * the engine starts there, stays open for later starts, and closes when WebGPU is lost or not the faster, or another backend is set. VS Code does not keep it over a reload of
 * the window: the engine opens it anew.
 */
export class EngineTab implements vscode.Disposable {
  static readonly viewType = "gpt2.engine";

  readonly #options: EngineTabOptions;
  readonly #watcher: vscode.Disposable;
  #open: Promise<OpenTab> | undefined;

  constructor(options: EngineTabOptions) {
    this.#options = options;
    this.#watcher = vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration("gpt2.backend")) return;
      if (vscode.workspace.getConfiguration("gpt2").get("backend") !== "webgpu") this.close();
    });
  }

  /** Starts the engine in the tab's page. @throws BackendUnavailableError when that cannot be */
  async start(): Promise<WorkerLink> {
    try {
      const { page } = await (this.#open ??= this.#create());
      return await page.start();
    } catch (error) {
      this.close();
      throw error instanceof BackendUnavailableError ? error : new BackendUnavailableError(String(error));
    }
  }

  /** Closes the tab, and what runs in it. It opens again with the next start. */
  close(): void {
    this.#open?.then(
      ({ panel }) => void panel.dispose(),
      () => undefined,
    );
    this.#open = undefined;
  }

  dispose(): void {
    this.#watcher.dispose();
    this.close();
  }

  async #create(): Promise<OpenTab> {
    await closeTabs();
    const opened = await inBackground(() => this.#createPanel());
    // The start's own limit says when it does not load in the end.
    void this.#showUntilLoaded(opened).catch(() => undefined);
    return opened;
  }

  /** Shows the tab again while its page does not load, in case another tab covered it before the editor had drawn it. */
  async #showUntilLoaded(opened: OpenTab): Promise<void> {
    for (let times = 0; times < timesShownAgain; times++) {
      const hasLoaded = opened.page.loaded.then(() => true);
      if (await Promise.race([hasLoaded, sleep(showAgainMs)])) return;
      if ((await this.#open) !== opened) return;
      await inBackground(() => {
        opened.panel.reveal(undefined, true);
        return opened;
      });
    }
  }

  #createPanel(): OpenTab {
    const { extensionUri, openPath } = this.#options;
    const dist = vscode.Uri.joinPath(extensionUri, "dist");
    const panel = vscode.window.createWebviewPanel(
      EngineTab.viewType,
      vscode.l10n.t("GPT-2 on WebGPU"),
      { viewColumn: vscode.ViewColumn.Active, preserveFocus: true },
      // A hidden page that was unloaded would lose the model.
      { enableScripts: true, localResourceRoots: [dist], retainContextWhenHidden: true },
    );
    const { webview } = panel;
    const page = new EnginePage({ post: (message) => void webview.postMessage(message), openPath });
    webview.onDidReceiveMessage((message: FromPage) => page.receive(message));
    const open = this.#open;
    panel.onDidDispose(() => {
      if (this.#open === open) this.#open = undefined;
      page.close();
    });
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icon.png");
    webview.html = enginePageHtml({
      title: panel.title,
      paragraphs: [
        panel.title,
        vscode.l10n.t(
          "This tab runs the model on the graphics card. It works in the background: leave it open, and go on in another tab.",
        ),
        vscode.l10n.t(
          "When it is closed, the model runs on the processor. To close it for good, choose another backend in the setting gpt2.backend.",
        ),
      ],
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview", "engine.js")).toString(),
      distUri: webview.asWebviewUri(dist).toString(),
      cspSource: webview.cspSource,
      nonce: createNonce(),
    });
    return { panel, page };
  }
}

/** Closes tabs that an extension host left open which ended unexpectedly. */
async function closeTabs(): Promise<void> {
  await vscode.window.tabGroups.close(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(isEngine), true);
}

/**
 * Opens the tab and shows the one again that was in front: a tab's page loads only once it was shown. Text editors keep their focus, so nothing
 * that is typed meanwhile is lost. Another tab is shown again so quickly that the page would never load: it comes back once the page has.
 */
async function inBackground(open: () => OpenTab): Promise<OpenTab> {
  const group = vscode.window.tabGroups.activeTabGroup;
  const [before, editor] = [group.activeTab, vscode.window.activeTextEditor];
  const opened = open();
  if (before?.input instanceof vscode.TabInputText && editor) {
    await vscode.window.showTextDocument(editor.document, { viewColumn: group.viewColumn, preview: before.isPreview });
  } else if (before) {
    await Promise.race([opened.page.loaded, sleep(shownAtMostMs)]);
    // Whoever turned to another tab meanwhile stays there.
    if (!group.isActive || !group.activeTab || !isEngine(group.activeTab)) return opened;
    await vscode.commands.executeCommand("workbench.action.openEditorAtIndex", group.tabs.indexOf(before));
  }
  return opened;
}

function isEngine({ input }: vscode.Tab): boolean {
  // VS Code prefixes the type of the view.
  return input instanceof vscode.TabInputWebview && input.viewType.endsWith(`-${EngineTab.viewType}`);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
