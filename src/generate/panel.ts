import * as vscode from "vscode";
import type { CompletionBackend } from "../backend/backend";
import { createNonce, pageHtml } from "../diagnostics/html";
import { insertToken } from "../diagnostics/insertToken";
import type { GenerateForm } from "./form";
import type { FormMemory } from "./formMemory";
import type { GenerateHistory } from "./history";
import { historyRow } from "./historyRow";
import type { LastEditor } from "./lastEditor";
import type { ModelView, TextAction, ToHost, ToPage } from "./protocol";
import { GenerateSession } from "./session";
import { formFromSettings, onDidChangeGenerateSettings, presets, savePreset } from "./settings";
import type { GenerateSource } from "./source";
import { selectionOf } from "./source";

export interface PanelDependencies {
  readonly extensionUri: vscode.Uri;
  readonly backend: CompletionBackend;
  readonly history: GenerateHistory;
  readonly memory: FormMemory;
  readonly editors: LastEditor;
  readonly log: vscode.LogOutputChannel;
}

/** The form of GPT-2: Generate…, with the texts that it wrote and the history. */
export class GeneratePanel implements vscode.Disposable {
  static readonly viewType = "gpt2.generate";

  readonly #dependencies: PanelDependencies;
  readonly #panel: vscode.WebviewPanel;
  readonly #session: GenerateSession;
  readonly #subscriptions: vscode.Disposable[];
  readonly #listeners: Disposable[];
  readonly #onStart: (form: GenerateForm) => void;
  #form: GenerateForm;
  /** Whether the page has loaded. Messages posted earlier are lost. */
  #loaded = false;

  /** @param onStart called with each form that is run */
  constructor(panel: vscode.WebviewPanel, dependencies: PanelDependencies, onStart: (form: GenerateForm) => void) {
    this.#panel = panel;
    this.#dependencies = dependencies;
    this.#onStart = onStart;
    const { backend, history, memory, log } = dependencies;
    this.#form = memory.read(formFromSettings());
    this.#session = new GenerateSession({
      backend,
      history,
      post: (message) => this.#post(message),
      onError: (error) => log.error("GPT-2: Generate failed.", error instanceof Error ? error : String(error)),
    });
    this.#subscriptions = [
      panel.webview.onDidReceiveMessage((message: ToHost) => this.#receive(message)),
      panel.onDidChangeViewState(() => {
        // A hidden page is unloaded, and posts `show` when it is visible again.
        if (!panel.visible) this.#loaded = false;
      }),
      onDidChangeGenerateSettings(() => this.#post({ presets: presets(), history: this.#history() })),
    ];
    this.#listeners = [
      backend.onDidChangeState(() => this.#post({ model: this.#model() })),
      history.onDidChange(() => this.#post({ history: this.#history() })),
    ];
    this.#load();
  }

  reveal(): void {
    this.#panel.reveal();
  }

  /** Puts a text into the form, as the prompt. */
  take({ prompt, header, languageId, adapter }: Omit<GenerateSource, "selection">): void {
    this.#setForm({ ...this.#form, prompt, header, languageId, adapter });
  }

  /** Shows the last texts again, after the window was reloaded. */
  restore(): void {
    const [last] = this.#dependencies.history.entries;
    if (last) this.#session.showEntry(last);
  }

  /** Fills in a form and writes its texts. */
  async run(form: GenerateForm): Promise<void> {
    this.#setForm(form);
    this.#onStart(form);
    await this.#session.start(form);
  }

  dispose(): void {
    this.#session[Symbol.dispose]();
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #load(): void {
    const { webview } = this.#panel;
    const { extensionUri } = this.#dependencies;
    const page = vscode.Uri.joinPath(extensionUri, "dist", "webview");
    const media = vscode.Uri.joinPath(extensionUri, "media");
    const styles = ["diagnostics/page.css", "diagnostics/tabs.css", "generate/form.css", "generate/texts.css"];
    webview.options = { enableScripts: true, localResourceRoots: [page, media] };
    webview.html = pageHtml({
      title: "GPT-2 Generate",
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(page, "generate.js")).toString(),
      styleUris: styles.map((file) => webview.asWebviewUri(vscode.Uri.joinPath(media, file)).toString()),
      cspSource: webview.cspSource,
      nonce: createNonce(),
      translations: vscode.l10n.bundle,
    });
  }

  #receive(message: ToHost): void {
    const { memory, editors, history } = this.#dependencies;
    switch (message.kind) {
      case "show":
        this.#loaded = true;
        this.#showAll();
        break;
      case "form":
        this.#form = message.form;
        void memory.write(message.form);
        break;
      case "generate":
        void this.run(message.form);
        break;
      case "cancel":
        this.#session.cancel();
        break;
      case "useSelection":
        if (editors.editor) this.take(selectionOf(editors.editor));
        break;
      case "selectModel":
        void vscode.commands.executeCommand("gpt2.selectModel");
        break;
      case "savePreset":
        void savePreset(message.form);
        break;
      case "text":
        void this.#act(message.id, message.action);
        break;
      case "branch":
        void this.#session.branch(message.id, message.position, message.alternative);
        break;
      case "history":
        void this.#actOnEntry(message.id, message.action);
        break;
      case "clearHistory":
        void history.clear();
        break;
    }
  }

  async #act(id: number, action: TextAction): Promise<void> {
    const { editors } = this.#dependencies;
    const text = this.#session.textOf(id) ?? "";
    switch (action) {
      case "keep":
        this.#session.toggleKept(id);
        break;
      case "copy":
        await vscode.env.clipboard.writeText(text);
        break;
      case "insert":
        if (editors.editor) await insertToken(editors.editor, text, "insert");
        else await this.#open(id, text);
        break;
      case "open":
        await this.#open(id, text);
        break;
      case "continue":
        await this.#session.continueText(id);
        break;
      case "remove":
        this.#session.remove(id);
        break;
    }
  }

  /** Opens a new editor with the prompt and a text. */
  async #open(id: number, text: string): Promise<void> {
    const { prompt = "", languageId = "plaintext" } = this.#session.formOf(id) ?? {};
    const document = await vscode.workspace.openTextDocument({ language: languageId, content: prompt + text });
    await vscode.window.showTextDocument(document, { preview: false, viewColumn: vscode.ViewColumn.Beside });
  }

  async #actOnEntry(id: string, action: "view" | "repeat" | "remove"): Promise<void> {
    const { history } = this.#dependencies;
    const entry = history.entries.find((other) => other.id === id);
    if (!entry) return;
    if (action === "remove") await history.remove(id);
    else if (action === "repeat") await this.run(entry.form);
    else {
      this.#setForm(entry.form);
      this.#session.showEntry(entry);
    }
  }

  #setForm(form: GenerateForm): void {
    this.#form = form;
    void this.#dependencies.memory.write(form);
    this.#post({ form });
  }

  #showAll(): void {
    this.#post({
      form: this.#form,
      presets: presets(),
      model: this.#model(),
      history: this.#history(),
      ...this.#session.view(),
    });
  }

  #model(): ModelView {
    const { state } = this.#dependencies.backend;
    if (state.kind !== "ready") return { name: undefined, constraints: true, beams: true };
    const { name, capabilities } = state.description;
    return { name, constraints: capabilities.texts.constraints, beams: capabilities.texts.beams };
  }

  #history(): NonNullable<ToPage["history"]> {
    const { history } = this.#dependencies;
    return { on: history.isOn, rows: history.entries.map(historyRow) };
  }

  #post(message: ToPage): void {
    if (this.#loaded) void this.#panel.webview.postMessage(message);
  }
}
