import * as vscode from "vscode";
import type { CompletionBackend } from "../../backend/backend";
import { holdsSecrets } from "../core/secrets";
import { readSettings, settingsSection } from "../core/settings";
import { languageEnabled } from "../core/trigger";
import { unixLines } from "./unixLines";

/** The part of a backend that takes texts. */
export type TextsBackend = Pick<CompletionBackend, "state" | "onDidChangeState" | "otherTexts">;

/** Documents, the most recently visited first, and characters of each. */
const maxTexts = 4;
const maxCharacters = 1 << 14;
/** Milliseconds after a change of the active editor; a quick look into a file changes nothing. */
const settleMs = 500;

/**
 * Sends the texts of the other visited documents to the backend: code is often written as it was elsewhere. Files that may hold secrets and
 * languages that are turned off are left out.
 */
export class OtherTexts implements vscode.Disposable {
  readonly #onFailure: (error: unknown) => void;
  readonly #backend: TextsBackend;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  /** The most recently visited first. */
  #visited: vscode.TextDocument[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sent = "[]";

  constructor(backend: TextsBackend, onFailure: (error: unknown) => void) {
    this.#backend = backend;
    this.#onFailure = onFailure;
    for (const { document } of vscode.window.visibleTextEditors) this.#visit(document);
    const state = backend.onDidChangeState(() => {
      // A new engine has no texts.
      this.#sent = "[]";
      this.#schedule(0);
    });
    this.#subscriptions = [
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor) this.#visit(editor.document);
        this.#schedule(settleMs);
      }),
      { dispose: () => state[Symbol.dispose]() },
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #visit(document: vscode.TextDocument): void {
    this.#visited = [document, ...this.#visited.filter((other) => other !== document)].slice(0, 2 * maxTexts);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send().catch(this.#onFailure), ms);
  }

  async #send(): Promise<void> {
    if (this.#backend.state.kind !== "ready") return;
    const active = vscode.window.activeTextEditor?.document;
    const texts = this.#visited
      .filter((document) => document !== active && isShared(document))
      .slice(0, maxTexts)
      .map(textOf);
    const sent = JSON.stringify(texts);
    if (sent === this.#sent) return;
    this.#sent = sent;
    await this.#backend.otherTexts(texts);
  }
}

function isShared(document: vscode.TextDocument): boolean {
  const { enabled, languages } = readSettings(vscode.workspace.getConfiguration(settingsSection, document));
  const { scheme, path } = document.uri;
  return (
    !document.isClosed &&
    enabled &&
    languageEnabled(languages, document.languageId) &&
    (document.isUntitled || vscode.workspace.fs.isWritableFileSystem(scheme) === true) &&
    !holdsSecrets(path)
  );
}

function textOf(document: vscode.TextDocument): string {
  const start = new vscode.Position(0, 0);
  return unixLines(document.getText(new vscode.Range(start, document.positionAt(maxCharacters))));
}
