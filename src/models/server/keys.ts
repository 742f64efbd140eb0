import * as vscode from "vscode";

/** What the names of keys begin with in the secret storage, which also holds other secrets of the extension. */
const namePrefix = "gpt2.server.key ";

/** The keys of servers in the editor's secret storage, one for each host: a key never goes to another host than it was given for. */
export class ServerKeys {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  /** Calls `listener` when the key of a server changes, also in another window. */
  onDidChange(listener: () => void): vscode.Disposable {
    return this.#secrets.onDidChange(({ key }) => {
      if (key.startsWith(namePrefix)) listener();
    });
  }

  get(url: URL): Thenable<string | undefined> {
    return this.#secrets.get(nameOf(url));
  }

  /** Asks for the key of a server; an empty one removes what is stored. */
  async ask(url: URL): Promise<void> {
    const key = await vscode.window.showInputBox({
      title: vscode.l10n.t("GPT-2: Set Server Key"),
      prompt: vscode.l10n.t(
        "The key for {0}. It is kept in the editor’s secret storage. Leave it empty to remove it.",
        url.host,
      ),
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined) return;
    if (key.trim() === "") await this.#secrets.delete(nameOf(url));
    else await this.#secrets.store(nameOf(url), key.trim());
  }
}

function nameOf({ origin }: URL): string {
  return `${namePrefix}${origin}`;
}
