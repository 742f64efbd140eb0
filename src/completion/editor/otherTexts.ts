import * as vscode from "vscode";
import { unixLines } from "./documentContext";
import { holdsSecrets } from "../core/secrets";
import { readSettings } from "../core/settings";
import { languageEnabled } from "../core/trigger";

/** What is needed of the engine. */
export interface TextsEngine {
  readonly state: { readonly kind: string };
  onDidChangeState(listener: () => void): Disposable;
  /** Never starts the engine. */
  otherTexts(texts: readonly string[]): Promise<void>;
}

/** So many documents, the last visited first, and of each so many characters. */
const mostTexts = 4;
const mostCharacters = 1 << 14;
/** Milliseconds after a change of editors; a quick look into a file changes nothing. */
const settleMs = 500;

/**
 * Tells the engine what stands in the other documents that were visited: code is often written as it was elsewhere, so drafts are looked
 * up there. Files that hold secrets, and languages that are switched off, are left out.
 */
export class OtherTexts implements vscode.Disposable {
  readonly #onFailure: (error: unknown) => void;
  readonly #engine: TextsEngine;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  /** The last visited first. */
  #visited: vscode.TextDocument[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told = "[]";

  constructor(engine: TextsEngine, onFailure: (error: unknown) => void) {
    this.#engine = engine;
    this.#onFailure = onFailure;
    for (const { document } of vscode.window.visibleTextEditors) this.#visit(document);
    const state = engine.onDidChangeState(() => {
      // What an engine knew is gone with it.
      this.#told = "[]";
      this.#later(0);
    });
    this.#subscriptions = [
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor) this.#visit(editor.document);
        this.#later(settleMs);
      }),
      { dispose: () => state[Symbol.dispose]() },
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #visit(document: vscode.TextDocument): void {
    this.#visited = [document, ...this.#visited.filter((other) => other !== document)].slice(0, 2 * mostTexts);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tell().catch(this.#onFailure), ms);
  }

  async #tell(): Promise<void> {
    if (this.#engine.state.kind !== "ready") return;
    const active = vscode.window.activeTextEditor?.document;
    const texts = this.#visited
      .filter((document) => document !== active && isShared(document))
      .slice(0, mostTexts)
      .map(textOf);
    const told = JSON.stringify(texts);
    if (told === this.#told) return;
    this.#told = told;
    await this.#engine.otherTexts(texts);
  }
}

function isShared(document: vscode.TextDocument): boolean {
  const { enabled, languages } = readSettings(vscode.workspace.getConfiguration("gpt2.inlineCompletions", document));
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
  return unixLines(document.getText(new vscode.Range(start, document.positionAt(mostCharacters))));
}
