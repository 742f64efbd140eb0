import * as vscode from "vscode";
import type { EngineClient } from "../engine/client";
import type { InspectedRequest } from "../generation/inspection/requests";
import { CheckpointRun } from "./checkpointRun";
import { CursorFollower } from "./cursorFollower";
import { engineView } from "./engineView";
import { createNonce, pageHtml } from "./html";
import { insertToken } from "./insertToken";
import { Inspector, type Question } from "./inspector";
import { LatestTask } from "./latestTask";
import { pageCommands, type Tab, type ToPage, type ToPanel } from "./protocol";
import { handleReport } from "./saveReport";

export interface DiagnosticsDependencies {
  readonly extensionUri: vscode.Uri;
  readonly engine: EngineClient;
  /** What a completion at this place would ask the engine. */
  readonly requestAt: (
    document: vscode.TextDocument,
    position: vscode.Position,
  ) => InspectedRequest | Promise<InspectedRequest>;
}

/** The tabs that show what the model makes of the text before the cursor. */
type CursorTab = "logits" | "text" | "layers";

/** Milliseconds between two looks at the engine while requests come in. */
const engineInterval = 250;

/** The diagnostics panel. Asks the engine only for the tab that is shown, and for nothing while the panel is hidden. */
export class DiagnosticsPanel implements vscode.Disposable {
  readonly #dependencies: DiagnosticsDependencies;
  readonly #panel: vscode.WebviewPanel;
  static readonly viewType = "gpt2.diagnostics";

  readonly #cursor = new CursorFollower(
    // What is being asked makes way for the key at once: its answer would be for a place that is left.
    () => this.#questions[Symbol.dispose](),
    () => this.#follow(),
  );
  readonly #subscriptions: vscode.Disposable[];
  readonly #engineSubscriptions: Disposable[];
  readonly #inspector: Inspector;
  readonly #checkpoints: CheckpointRun;
  readonly #questions = new LatestTask();
  #tab: Tab = "logits";
  /** Whether the page has loaded: what is posted to it before is lost. */
  #loaded = false;
  #engineTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(panel: vscode.WebviewPanel, dependencies: DiagnosticsDependencies) {
    this.#panel = panel;
    this.#dependencies = dependencies;
    const { engine, extensionUri } = dependencies;
    const page = vscode.Uri.joinPath(extensionUri, "dist", "webview");
    const styles = vscode.Uri.joinPath(extensionUri, "media", "diagnostics");
    const { webview } = panel;
    this.#inspector = new Inspector(engine);
    this.#checkpoints = new CheckpointRun(engine, () => this.#showCheckpoints());
    this.#subscriptions = [
      webview.onDidReceiveMessage((message: ToPanel) => this.#receive(message)),
      panel.onDidChangeViewState(() => this.#visibilityChanged()),
    ];
    this.#engineSubscriptions = [
      engine.onDidChangeState(({ kind }) => {
        this.#showEngineSoon();
        // Another model says something else. A question on its way gets its own answer.
        if ((kind === "failed" || kind === "ready") && !this.#questions.busy) this.#follow();
      }),
      engine.onDidFinish(() => this.#showEngineSoon()),
    ];
    webview.options = { enableScripts: true, localResourceRoots: [page, styles] };
    webview.html = pageHtml({
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(page, "diagnostics.js")).toString(),
      styleUris: ["page.css", "tabs.css"].map((file) =>
        webview.asWebviewUri(vscode.Uri.joinPath(styles, file)).toString(),
      ),
      cspSource: webview.cspSource,
      nonce: createNonce(),
    });
  }

  reveal(): void {
    this.#panel.reveal(undefined, true);
  }

  dispose(): void {
    this.#leave();
    this.#checkpoints[Symbol.dispose]();
    clearTimeout(this.#engineTimer);
    this.#cursor.dispose();
    for (const subscription of this.#engineSubscriptions) subscription[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #receive(message: ToPanel): void {
    switch (message.kind) {
      case "show":
        this.#loaded = true;
        this.#turnTo(message.tab);
        break;
      case "run":
        void vscode.commands.executeCommand(pageCommands[message.command]);
        break;
      case "sample":
        this.#inspector.sampling = message.sampling;
        this.#askAgain();
        break;
      case "find":
        this.#inspector.query = message.query;
        this.#askAgain();
        break;
      case "pick":
        if (this.#cursor.editor) void insertToken(this.#cursor.editor, message.text, message.use);
        break;
      case "choose":
        this.#inspector.choose(message.position);
        this.#askAgain();
        break;
      case "attend":
        this.#inspector.attend(message.layer, message.head);
        this.#askAgain();
        break;
      case "checkpoints":
        if (message.action === "run") void this.#checkpoints.start();
        else this.#checkpoints.cancel();
        break;
      case "report":
        if (this.#checkpoints.report) void handleReport(this.#checkpoints.report, message.action);
        break;
    }
  }

  #visibilityChanged(): void {
    if (this.#panel.visible) return;
    // A hidden page is unloaded, and says `show` when it comes back.
    this.#loaded = false;
    this.#leave();
  }

  #turnTo(tab: Tab): void {
    if (tab !== this.#tab) this.#leave();
    this.#tab = tab;
    this.#follow();
    this.#showCheckpoints();
    void this.#showEngine();
  }

  /** Stops asking, and frees what a tab made the engine hold. */
  #leave(): void {
    this.#questions[Symbol.dispose]();
    // An engine that has stopped holds nothing.
    if (this.#tab === "layers") this.#dependencies.engine.endInspection().catch(() => undefined);
  }

  #isShowing(tab: Tab): boolean {
    return this.#loaded && this.#panel.visible && this.#tab === tab;
  }

  #isFollowing(tab: Tab): tab is CursorTab {
    return (tab === "logits" || tab === "text" || tab === "layers") && this.#isShowing(tab);
  }

  /** Asks about the place where the cursor is now. */
  #follow(): void {
    const tab = this.#tab;
    if (this.#isFollowing(tab)) this.#questions.replace((signal) => this.#ask(tab, signal));
    else this.#questions[Symbol.dispose]();
  }

  /** Asks once more about the same place, because something was chosen in the page. */
  #askAgain(): void {
    const tab = this.#tab;
    if (this.#isFollowing(tab)) this.#questions.follow((signal) => this.#ask(tab, signal));
  }

  async #ask(tab: CursorTab, signal: AbortSignal): Promise<void> {
    const { engine } = this.#dependencies;
    const answer = (message: ToPage) => {
      if (!signal.aborted) this.#post(message);
    };
    try {
      if (engine.state.kind !== "ready") answer({ tab, view: { kind: "opening" } });
      const question = await this.#question();
      if (signal.aborted) return;
      if (!question) answer({ tab, view: { kind: "noEditor" } });
      else if (tab === "logits") answer({ tab, view: await this.#inspector.logits(question, signal) });
      else if (tab === "text") answer({ tab, view: await this.#inspector.text(question, signal) });
      else answer({ tab, view: await this.#inspector.layers(question, signal) });
    } catch (error) {
      answer({ tab, view: { kind: "failed", message: error instanceof Error ? error.message : String(error) } });
    }
  }

  async #question(): Promise<Question | undefined> {
    const { position: place } = this.#cursor;
    if (!place) return undefined;
    const { document, position } = place;
    await this.#dependencies.engine.describe();
    return {
      cursor: {
        file: vscode.workspace.asRelativePath(document.uri),
        line: position.line + 1,
        column: position.character + 1,
      },
      request: await this.#dependencies.requestAt(document, position),
    };
  }

  #showCheckpoints(): void {
    this.#post({ tab: "checkpoints", view: this.#checkpoints.view });
  }

  #showEngineSoon(): void {
    if (!this.#isShowing("engine")) return;
    this.#engineTimer ??= setTimeout(() => {
      this.#engineTimer = undefined;
      void this.#showEngine();
    }, engineInterval);
  }

  async #showEngine(): Promise<void> {
    if (!this.#isShowing("engine")) return;
    const { engine } = this.#dependencies;
    // The engine may stop between the question and the answer: then there is nothing to show of it.
    const stats = await engine.stats().catch(() => undefined);
    this.#post({ tab: "engine", view: engineView(engine.state, stats) });
  }

  #post(message: ToPage): void {
    if (!this.#isShowing(message.tab)) return;
    void this.#panel.webview.postMessage(message);
  }
}
