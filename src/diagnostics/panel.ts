import * as vscode from "vscode";
import { capabilitiesOf } from "../backend/backend";
import { CheckpointRun } from "./checkpointRun";
import { ComparisonRun } from "./comparisonRun";
import { CursorFollower } from "./cursorFollower";
import type { DiagnosticsDependencies } from "./dependencies";
import { engineView } from "./engineView";
import { createNonce, pageHtml } from "./html";
import { insertToken } from "./insertToken";
import { canServe, type CursorTab, Inspector, type Question } from "./inspector";
import { LatestTask } from "./latestTask";
import { measureBackends } from "./measureBackends";
import { openSource } from "./openSource";
import { pageCommands, type Tab, type TabContent, type ToPage, type ToPanel } from "./protocol";
import { handleReport } from "./saveReport";
import { whyView } from "./whyView";

/** Milliseconds between two updates of the Engine tab while requests come in. */
const engineIntervalMs = 250;

/** The diagnostics panel. It queries the model only for the visible tab, and for nothing while the panel is hidden. */
export class DiagnosticsPanel implements vscode.Disposable {
  readonly #dependencies: DiagnosticsDependencies;
  readonly #panel: vscode.WebviewPanel;
  static readonly viewType = "gpt2.diagnostics";

  readonly #cursor = new CursorFollower(
    // A running query stops at once for the keystroke: its answer would be outdated.
    () => this.#questions[Symbol.dispose](),
    () => this.#follow(),
  );
  readonly #subscriptions: vscode.Disposable[];
  readonly #backendSubscriptions: Disposable[];
  readonly #inspector: Inspector | undefined;
  readonly #checkpoints: CheckpointRun;
  readonly #comparison: ComparisonRun;
  readonly #questions = new LatestTask();
  readonly #listing = new LatestTask();
  #tab: Tab = "logits";
  /** The tab to turn to when the page has loaded. */
  #turnTo: Tab | undefined;
  /** Whether the page has loaded. Messages posted earlier are lost. */
  #loaded = false;
  #engineTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(panel: vscode.WebviewPanel, dependencies: DiagnosticsDependencies) {
    this.#panel = panel;
    this.#dependencies = dependencies;
    const { backend, extensionUri, decisions, models, choice } = dependencies;
    const page = vscode.Uri.joinPath(extensionUri, "dist", "webview");
    const styles = vscode.Uri.joinPath(extensionUri, "media", "diagnostics");
    const { webview } = panel;
    this.#inspector = backend.inspection && new Inspector(backend.inspection);
    this.#checkpoints = new CheckpointRun(backend, () => this.#showCheckpoints());
    this.#comparison = new ComparisonRun(
      backend,
      () => choice.available(),
      () => this.#showCheckpoints(),
    );
    this.#subscriptions = [
      webview.onDidReceiveMessage((message: ToPanel) => this.#receive(message)),
      panel.onDidChangeViewState(() => this.#visibilityChanged()),
      decisions.onDidDecide(() => this.#showWhy()),
      models.onDidChange(() => this.#showModels()),
    ];
    this.#backendSubscriptions = [
      backend.onDidChangeState(({ kind }) => {
        this.#showEngineSoon();
        this.#showWhy();
        this.#showCheckpoints();
        // The model may be another one. A query that waits for it gets its own answer.
        if ((kind === "failed" || kind === "ready") && !this.#questions.busy) this.#follow();
      }),
      backend.onDidFinish(() => this.#showEngineSoon()),
      choice.onDidChange(() => this.#showEngineSoon()),
    ];
    webview.options = { enableScripts: true, localResourceRoots: [page, styles] };
    webview.html = pageHtml({
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(page, "diagnostics.js")).toString(),
      styleUris: ["page.css", "tabs.css"].map((file) =>
        webview.asWebviewUri(vscode.Uri.joinPath(styles, file)).toString(),
      ),
      cspSource: webview.cspSource,
      nonce: createNonce(),
      translations: vscode.l10n.bundle,
    });
  }

  /** @param tab to turn to; the one that it showed last unless given */
  reveal(tab?: Tab): void {
    this.#panel.reveal(undefined, true);
    if (tab !== undefined) this.turnTo(tab);
  }

  /** Turns to a tab, as soon as the page has loaded. */
  turnTo(tab: Tab): void {
    this.#turnTo = tab;
    if (!this.#loaded) return;
    this.#turnTo = undefined;
    void this.#panel.webview.postMessage({ turnTo: tab } satisfies ToPage);
  }

  dispose(): void {
    this.#leave();
    this.#checkpoints[Symbol.dispose]();
    this.#comparison[Symbol.dispose]();
    this.#listing[Symbol.dispose]();
    clearTimeout(this.#engineTimer);
    this.#cursor.dispose();
    for (const subscription of this.#backendSubscriptions) subscription[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #receive(message: ToPanel): void {
    switch (message.kind) {
      case "show":
        this.#loaded = true;
        if (this.#turnTo === undefined) this.#showTab(message.tab);
        else this.turnTo(this.#turnTo);
        break;
      case "run":
        void vscode.commands.executeCommand(pageCommands[message.command]);
        break;
      case "sample":
        if (this.#inspector) this.#inspector.sampling = message.sampling;
        this.#askAgain();
        break;
      case "find":
        if (this.#inspector) this.#inspector.query = message.query;
        this.#askAgain();
        break;
      case "pick":
        if (this.#cursor.editor) void insertToken(this.#cursor.editor, message.text, message.use);
        break;
      case "choose":
        this.#inspector?.choose(message.position);
        this.#askAgain();
        break;
      case "attend":
        this.#inspector?.attend(message.layer, message.head);
        this.#askAgain();
        break;
      case "open":
        void openSource(message.uri, message.line);
        break;
      case "checkpoints":
        if (message.action === "run") void this.#checkpoints.start(message.adapter);
        else this.#checkpoints.cancel();
        break;
      case "comparison":
        if (message.action === "run") void this.#comparison.start();
        else this.#comparison.cancel();
        break;
      case "measureBackends":
        void measureBackends(this.#dependencies);
        break;
      case "report":
        if (this.#checkpoints.report) void handleReport(this.#checkpoints.report, message.action);
        break;
      case "model":
        void this.#dependencies.models.run(message.command);
        break;
    }
  }

  #visibilityChanged(): void {
    if (this.#panel.visible) return;
    // A hidden page is unloaded, and posts `show` when it is visible again.
    this.#loaded = false;
    this.#leave();
  }

  #showTab(tab: Tab): void {
    if (tab !== this.#tab) this.#leave();
    this.#tab = tab;
    this.#follow();
    this.#showWhy();
    this.#showCheckpoints();
    void this.#showEngine();
    this.#showModels();
  }

  /** Stops queries, and frees what the tab made the engine hold. */
  #leave(): void {
    this.#questions[Symbol.dispose]();
    // A stopped engine holds nothing.
    if (this.#tab === "layers") this.#dependencies.backend.inspection?.endInspection().catch(() => undefined);
  }

  #isShowing(tab: Tab): boolean {
    return this.#loaded && this.#panel.visible && this.#tab === tab;
  }

  #isFollowing(tab: Tab): tab is CursorTab {
    return (tab === "logits" || tab === "text" || tab === "layers") && this.#isShowing(tab);
  }

  /** Queries for the present cursor position. */
  #follow(): void {
    const tab = this.#tab;
    if (this.#isFollowing(tab)) this.#questions.replace((signal) => this.#ask(tab, signal));
    else this.#questions[Symbol.dispose]();
  }

  /** Queries again for the same position, because something was chosen in the page. */
  #askAgain(): void {
    const tab = this.#tab;
    if (this.#isFollowing(tab)) this.#questions.follow((signal) => this.#ask(tab, signal));
  }

  async #ask(tab: CursorTab, signal: AbortSignal): Promise<void> {
    const { backend } = this.#dependencies;
    const answer = (message: TabContent) => {
      if (!signal.aborted) this.#post(message);
    };
    try {
      if (backend.state.kind !== "ready") answer({ tab, view: { kind: "opening" } });
      const question = await this.#question();
      if (signal.aborted) return;
      const inspector = this.#inspectorFor(tab);
      if (!question) answer({ tab, view: { kind: "noEditor" } });
      else if (!inspector) answer({ tab, view: { kind: "unsupported" } });
      else if (tab === "logits") answer({ tab, view: await inspector.logits(question, signal) });
      else if (tab === "text") answer({ tab, view: await inspector.text(question, signal) });
      else answer({ tab, view: await inspector.layers(question, signal) });
    } catch (error) {
      answer({ tab, view: { kind: "failed", message: error instanceof Error ? error.message : String(error) } });
    }
  }

  /** The inspector, if the backend lets it look as deep as the tab needs. */
  #inspectorFor(tab: CursorTab): Inspector | undefined {
    const depth = capabilitiesOf(this.#dependencies.backend.state)?.inspection ?? "none";
    return canServe(tab, depth) ? this.#inspector : undefined;
  }

  async #question(): Promise<Question | undefined> {
    const at = this.#cursor.position;
    if (!at) return undefined;
    const { document, position } = at;
    await this.#dependencies.backend.describe();
    return {
      cursor: {
        file: vscode.workspace.asRelativePath(document.uri),
        line: position.line + 1,
        column: position.character + 1,
      },
      request: this.#dependencies.requestAt(document, position),
    };
  }

  #showWhy(): void {
    const { lastDecision } = this.#dependencies.decisions;
    const lineScores = capabilitiesOf(this.#dependencies.backend.state)?.lineScores;
    const showPath = (uri: string) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
    this.#post({ tab: "why", view: whyView(lastDecision, showPath, lineScores) });
  }

  #showCheckpoints(): void {
    this.#post({ tab: "checkpoints", view: { ...this.#checkpoints.view, comparison: this.#comparison.view } });
  }

  #showEngineSoon(): void {
    if (!this.#isShowing("engine")) return;
    this.#engineTimer ??= setTimeout(() => {
      this.#engineTimer = undefined;
      void this.#showEngine();
    }, engineIntervalMs);
  }

  async #showEngine(): Promise<void> {
    if (!this.#isShowing("engine")) return;
    const { backend, choice } = this.#dependencies;
    // The engine may stop before it answers: then it has nothing to show.
    const stats = await backend.inspection?.stats().catch(() => undefined);
    this.#post({ tab: "engine", view: engineView(backend.state, stats, choice, backend.server) });
  }

  #showModels(): void {
    if (!this.#isShowing("models")) return;
    // One at a time, since the models' folders are read.
    this.#listing.follow(async (signal) => {
      try {
        const view = await this.#dependencies.models.view();
        if (!signal.aborted) this.#post({ tab: "models", view });
      } catch (error) {
        void vscode.window.showErrorMessage(vscode.l10n.t("The models could not be listed: {0}", String(error)));
      }
    });
  }

  #post(message: TabContent): void {
    if (!this.#isShowing(message.tab)) return;
    void this.#panel.webview.postMessage(message);
  }
}
