import * as vscode from "vscode";
import type { EngineClient } from "../engine/client";
import type { Prompt } from "../generation/request";
import { CursorFollower } from "./cursor";
import { engineView } from "./engineView";
import { createNonce, pageHtml } from "./html";
import { pageCommands, type NextTokenView, type Tab, type ToPage, type ToPanel } from "./protocol";

export interface DiagnosticsDependencies {
  readonly extensionUri: vscode.Uri;
  readonly engine: EngineClient;
  /** The prompt that a completion at this place would have. */
  readonly promptAt: (document: vscode.TextDocument, position: vscode.Position) => Prompt | Promise<Prompt>;
}

/** How many of the likeliest tokens are shown. */
const candidateCount = 20;

/** Characters before the cursor that are shown above the table. */
const beforeShown = 60;

/** Milliseconds between two looks at the engine while requests come in. */
const engineInterval = 250;

/** The diagnostics panel. Asks the engine only for the tab that is shown, and for nothing while the panel is hidden. */
export class DiagnosticsPanel implements vscode.Disposable {
  static readonly viewType = "gpt2.diagnostics";

  private readonly cursor = new CursorFollower(() => void this.showNextToken());
  private readonly subscriptions: vscode.Disposable[];
  private readonly engineSubscriptions: Disposable[];
  private tab: Tab = "nextToken";
  /** Whether the page has loaded: what is posted to it before is lost. */
  private loaded = false;
  private asking: AbortController | undefined;
  private engineTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly dependencies: DiagnosticsDependencies,
  ) {
    const { engine, extensionUri } = dependencies;
    const page = vscode.Uri.joinPath(extensionUri, "dist", "webview");
    const media = vscode.Uri.joinPath(extensionUri, "media");
    const { webview } = panel;
    this.subscriptions = [
      webview.onDidReceiveMessage((message: ToPanel) => this.receive(message)),
      panel.onDidChangeViewState(() => this.visibilityChanged()),
    ];
    this.engineSubscriptions = [
      engine.onDidChangeState(({ kind }) => {
        this.showEngineSoon();
        // Another model says something else. A question on its way gets its own answer.
        if ((kind === "failed" || kind === "ready") && !this.asking) void this.showNextToken();
      }),
      engine.onDidFinish(() => this.showEngineSoon()),
    ];
    webview.options = { enableScripts: true, localResourceRoots: [page, media] };
    webview.html = pageHtml({
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(page, "diagnostics.js")).toString(),
      styleUri: webview.asWebviewUri(vscode.Uri.joinPath(media, "diagnostics.css")).toString(),
      cspSource: webview.cspSource,
      nonce: createNonce(),
    });
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  dispose(): void {
    this.stopAsking();
    clearTimeout(this.engineTimer);
    this.cursor.dispose();
    for (const subscription of this.engineSubscriptions) subscription[Symbol.dispose]();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private receive(message: ToPanel): void {
    switch (message.kind) {
      case "show":
        this.loaded = true;
        this.tab = message.tab;
        void this.refresh();
        break;
      case "run":
        void vscode.commands.executeCommand(pageCommands[message.command]);
        break;
    }
  }

  private visibilityChanged(): void {
    if (this.panel.visible) return;
    // A hidden page is unloaded, and says `show` when it comes back.
    this.loaded = false;
    this.stopAsking();
  }

  private isShowing(tab: Tab): boolean {
    return this.loaded && this.panel.visible && this.tab === tab;
  }

  private async refresh(): Promise<void> {
    await Promise.all([this.showNextToken(), this.showEngine()]);
  }

  private async showNextToken(): Promise<void> {
    this.stopAsking();
    if (!this.isShowing("nextToken")) return;
    const asking = (this.asking = new AbortController());
    if (this.dependencies.engine.state.kind !== "ready") this.post({ kind: "nextToken", view: { kind: "opening" } });
    const view = await this.askNextToken(asking.signal);
    if (asking.signal.aborted) return;
    this.asking = undefined;
    this.post({ kind: "nextToken", view });
  }

  private stopAsking(): void {
    this.asking?.abort();
    this.asking = undefined;
  }

  private async askNextToken(signal: AbortSignal): Promise<NextTokenView> {
    const place = this.cursor.place;
    if (!place) return { kind: "noEditor" };
    const { document, position } = place;
    try {
      await this.dependencies.engine.describe();
      const start = performance.now();
      const prompt = await this.dependencies.promptAt(document, position);
      const request = { prompt, maxTokens: 1, healing: false, count: candidateCount };
      const { candidates } = await this.dependencies.engine.inspect("candidates", request, { signal });
      return {
        kind: "table",
        file: vscode.workspace.asRelativePath(document.uri),
        line: position.line + 1,
        column: position.character + 1,
        before: prompt.prefix.slice(-beforeShown),
        candidates,
        ms: performance.now() - start,
      };
    } catch (error) {
      return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
    }
  }

  private showEngineSoon(): void {
    if (!this.isShowing("engine")) return;
    this.engineTimer ??= setTimeout(() => {
      this.engineTimer = undefined;
      void this.showEngine();
    }, engineInterval);
  }

  private async showEngine(): Promise<void> {
    if (!this.isShowing("engine")) return;
    const { engine } = this.dependencies;
    // The engine may stop between the question and the answer: then there is nothing to show of it.
    const stats = await engine.stats().catch(() => undefined);
    this.post({ kind: "engine", view: engineView(engine.state, stats) });
  }

  private post(message: ToPage): void {
    if (!this.isShowing(message.kind)) return;
    void this.panel.webview.postMessage(message);
  }
}
