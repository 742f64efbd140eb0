import * as vscode from "vscode";
import type { Cursor } from "../core/cursor";
import { exclusionAt, isInputBox } from "../core/exclusions";
import { holdsSecrets } from "../core/secrets";
import type { CompletionSettings } from "../core/settings";
import { refusal, type Refusal, type Trigger } from "../core/trigger";
import { Deletions } from "./deletions";
import { editorOf } from "./documentContext";
import { GitIgnored } from "./gitIgnored";
import { fileOf } from "./notebookCell";

/** The editor draws so many characters of a line that is not wrapped; no setting changes that. */
const drawnCharacters = 10_000;

/** Decides where in the editor there are no suggestions. */
export class Refusals implements vscode.Disposable {
  readonly #deletions = new Deletions();
  readonly #gitIgnored = new GitIgnored();

  /** Why nothing is to be suggested at a cursor, or undefined. */
  async at(
    document: vscode.TextDocument,
    cursor: Cursor,
    settings: CompletionSettings,
    trigger: Trigger,
  ): Promise<Refusal | undefined> {
    const file = fileOf(document);
    const { enabled, languages, excludeGitIgnore } = settings;
    // The document's language is the one that a person turns on or off, also in a fenced block of another language.
    const { languageId } = document;
    const inputBox = isInputBox(document.uri.scheme, languageId);
    const selections = editorOf(document)?.selections ?? [];
    const surroundings = {
      inputBox,
      secret: holdsSecrets(file.path),
      gitIgnored: excludeGitIgnore && (await this.#gitIgnored.has(file)),
      deleting: this.#deletions.wasLast(document),
    };
    return refusal({
      trigger,
      enabled,
      // The setting for input boxes turns all of them on; the other languages do not count there.
      languages: inputBox ? { ...languages, "*": true } : languages,
      languageId,
      lineRest: cursor.lineRest,
      writable: vscode.workspace.fs.isWritableFileSystem(file.scheme) !== false,
      drawn: cursor.linePrefix.length <= drawnCharacters || isWrapped(document),
      exclusion: exclusionAt(cursor, surroundings, settings),
      cursors: selections.length,
      hasSelection: selections.some((selection) => !selection.isEmpty),
    });
  }

  dispose(): void {
    this.#deletions.dispose();
    this.#gitIgnored.dispose();
  }
}

function isWrapped(document: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration("editor", document).get<string>("wordWrap") !== "off";
}
